#include "shared/http/answer_text.hpp"

#include "shared/http/characters.hpp"

#include <algorithm>
#include <array>
#include <format>

namespace platform::http {
namespace {

constexpr std::size_t kTypicalHeadBytes = 320;

bool same_name(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, [](char a, char b) { return lower_case(a) == lower_case(b); });
}

bool ours(std::string_view name) {
    constexpr std::array<std::string_view, 10> kOurs = {
        "content-length", "content-type", "transfer-encoding", "connection", "keep-alive",
        "date",           "upgrade",      "x-correlation-id",  "trailer",    "te",
    };
    return std::ranges::any_of(kOurs, [name](std::string_view own) { return same_name(name, own); });
}

bool well_formed(std::string_view name, std::string_view value) {
    return !name.empty() && std::ranges::all_of(name, is_token_character) && std::ranges::none_of(value, is_forbidden_control);
}

/// IMF-fixdate; made once a second per thread.
std::string_view http_date(WallTime now) {
    thread_local std::chrono::sys_seconds made_at{};
    thread_local std::string text;
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (text.empty() || second != made_at) {
        text = std::format("{:%a, %d %b %Y %H:%M:%S} GMT", second);
        made_at = second;
    }
    return text;
}

void field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

bool has_body(int status) {
    return status != 204 && status != 304;
}

std::string answer_head(const Response& response, const AnswerFrame& frame) {
    const int status = response.status >= 200 && response.status <= 599 ? response.status : 500;
    std::string out;
    out.reserve(kTypicalHeadBytes);
    out.append("HTTP/1.1 ").append(std::to_string(status)).append(" ").append(reason_phrase(status)).append("\r\n");
    field(out, "Date", http_date(frame.date));
    if (!frame.correlation_id.empty()) field(out, "X-Correlation-Id", frame.correlation_id);
    if (has_body(status)) {
        if (!response.content_type.empty() && well_formed("Content-Type", response.content_type)) {
            field(out, "Content-Type", response.content_type);
        }
        field(out, "Content-Length", std::to_string(response.body.size()));
    }
    if (frame.close) {
        field(out, "Connection", "close");
    } else if (frame.keep_alive_asked) {
        field(out, "Connection", "keep-alive");
    }
    for (const auto& [name, value] : response.headers) {
        if (!ours(name) && well_formed(name, value)) field(out, name, value);
    }
    out.append("\r\n");
    return out;
}

}  // namespace platform::http
