#include "shared/service/redrive_request.hpp"

#include "shared/core/json.hpp"
#include "shared/core/utf8.hpp"

#include <charconv>
#include <cstdint>
#include <format>
#include <limits>
#include <utility>

namespace platform::service {
namespace {

using http::FieldFault;
using Kind = json::Value::Kind;
using Taken = std::expected<void, std::string>;  // or what is wrong with the value

constexpr std::int64_t kMostLetters = 10'000;
constexpr std::size_t kLongestText = 255;  // Kafka's names have at most 249 characters

std::expected<std::int64_t, std::string> whole_number(const json::Value& value, std::int64_t least, std::int64_t most) {
    std::int64_t number = 0;
    const std::string& text = value.text();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = value.is(Kind::Number) && error == std::errc{} && end == text.data() + text.size();
    if (whole && number >= least && number <= most) return number;
    return std::unexpected(std::format("has to be a whole number from {} to {}", least, most));
}

Taken take(const std::string& name, const json::Value& value, RedriveRequest& into) {
    if (name == "limit") {
        return whole_number(value, 1, kMostLetters).transform([&](std::int64_t number) {
            into.choice.limit = static_cast<std::size_t>(number);
        });
    }
    if (name == "partition") {
        return whole_number(value, 0, std::numeric_limits<std::int32_t>::max()).transform([&](std::int64_t number) {
            into.choice.partition = static_cast<std::int32_t>(number);
        });
    }
    if (name != "group" && name != "topic" && name != "key") return std::unexpected("is not known");
    if (!value.is(Kind::String) || !utf8::is_plain(value.text(), kLongestText)) {
        return std::unexpected(std::format("has to be a text of 1 to {} characters, none of them control characters", kLongestText));
    }
    if (name == "group") into.group = value.text();
    if (name == "topic") into.choice.topic = value.text();
    if (name == "key") into.choice.key = value.text();
    return {};
}

}  // namespace

std::expected<RedriveRequest, FieldFault> read_redrive(std::string_view body, const std::string& usual_group) {
    RedriveRequest request{.group = usual_group, .choice = {}};
    if (body.empty()) return request;
    const auto document = json::parse(body);
    if (!document) return std::unexpected(FieldFault{document.error().pointer, document.error().message});
    if (!document->is(Kind::Object)) return std::unexpected(FieldFault{"", "has to be an object"});
    for (const auto& [name, value] : document->members()) {
        if (auto taken = take(name, value, request); !taken) {
            return std::unexpected(FieldFault{json::pointer_to(name), std::move(taken).error()});
        }
    }
    return request;
}

}  // namespace platform::service
