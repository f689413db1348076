#include "shared/http/framing.hpp"

#include "shared/http/characters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace platform::http {
namespace {

constexpr std::size_t kEmptyLinesAllowed = 4;    // RFC 9112 §2.2: old clients send some after a body
constexpr std::size_t kChunkOverheadPerByte = 16;  // a client that sends single bytes needs 5
constexpr std::size_t kFirstReservation = 64 * 1024;

constexpr std::array<std::string_view, 7> kMethods = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_token_character);
}

}  // namespace

std::size_t RequestFramer::feed(std::string_view bytes) {
    std::size_t taken = 0;
    while (state_ == State::Incomplete && taken < bytes.size()) {
        const std::string_view rest = bytes.substr(taken);
        const bool data = part_ == Part::Body || part_ == Part::ChunkData;
        taken += data ? feed_data(rest) : feed_line(rest);
    }
    return state_ == State::Refused ? bytes.size() : taken;
}

FramedRequest RequestFramer::take() {
    FramedRequest request = std::move(request_);
    *this = RequestFramer(limits_);
    return request;
}

bool RequestFramer::take_continue() {
    return std::exchange(continue_due_, false) && state_ == State::Incomplete;
}

void RequestFramer::refuse(int status, std::string_view code, std::string_view detail) {
    state_ = State::Refused;
    refusal_ = {.status = status, .code = code, .detail = detail};
    request_.body.clear();
    line_.clear();
}

std::size_t RequestFramer::line_limit() const {
    if (part_ == Part::ChunkSize) return limits_.max_chunk_line_bytes;
    if (part_ == Part::ChunkEnd) return 0;
    return limits_.max_header_bytes - std::min(head_bytes_, limits_.max_header_bytes);
}

void RequestFramer::refuse_long_line() {
    switch (part_) {
        case Part::RequestLine: return refuse(414, "uri-too-long", "The request line is longer than this server takes.");
        case Part::Headers:
        case Part::Trailers:
            return refuse(431, "header-too-large", "The header fields are larger than this server takes.");
        case Part::ChunkSize: return refuse(400, "bad-chunk", "A chunk's size line is too long.");
        case Part::ChunkEnd:
        case Part::Body:
        case Part::ChunkData: return refuse(400, "bad-chunk", "A chunk is longer than its size says.");
    }
}

/// Reads to the end of a line, or all there is. Every byte is judged when it comes: nothing waits for an end that may never come, and the
/// verdict does not depend on how the bytes were cut into pieces.
std::size_t RequestFramer::feed_line(std::string_view bytes) {
    const std::size_t limit = line_limit();
    std::size_t length = line_.size();
    std::size_t text_end = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const char character = bytes[i];
        if (character == '\n' && cr_seen_) {
            cr_seen_ = false;
            if (line_.empty()) {
                take_line(bytes.substr(0, text_end));
            } else {
                const std::string line = std::exchange(line_, {}).append(bytes.substr(0, text_end));
                take_line(line);
            }
            return i + 1;
        }
        if (character == '\n' || cr_seen_) {
            refuse(400, "bad-line-end", "A line has to end with carriage return and line feed, together.");
            return i + 1;
        }
        if (character == '\r') {
            cr_seen_ = true;
            continue;
        }
        if (is_forbidden_control(character)) {
            refuse(400, "control-character", "The head holds a control character.");
            return i + 1;
        }
        if (++length > limit) {
            refuse_long_line();
            return i + 1;
        }
        text_end = i + 1;
    }
    line_.append(bytes.substr(0, text_end));
    return bytes.size();
}

std::size_t RequestFramer::feed_data(std::string_view bytes) {
    const std::size_t taken = std::min(wanted_, bytes.size());
    request_.body.append(bytes.substr(0, taken));
    wanted_ -= taken;
    continue_due_ = false;  // who sends its body does not wait
    if (wanted_ == 0) {
        if (part_ == Part::Body) {
            state_ = State::Complete;
        } else {
            part_ = Part::ChunkEnd;
        }
    }
    return taken;
}

void RequestFramer::take_line(std::string_view line) {
    switch (part_) {
        case Part::RequestLine:
            if (line.empty()) {
                if (++empty_lines_ > kEmptyLinesAllowed) refuse(400, "bad-request-line", "There is no request line.");
                return;
            }
            head_bytes_ += line.size() + 2;
            return take_request_line(line);
        case Part::Headers:
            head_bytes_ += line.size() + 2;
            return line.empty() ? end_of_headers() : take_header(line);
        case Part::ChunkSize: return take_chunk_size(line);
        case Part::ChunkEnd: part_ = Part::ChunkSize; return;
        case Part::Trailers:
            head_bytes_ += line.size() + 2;
            if (line.empty()) {
                state_ = State::Complete;
            } else {
                take_header(line);
            }
            return;
        case Part::Body:
        case Part::ChunkData: return;
    }
}

void RequestFramer::take_request_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        return refuse(400, "bad-request-line", "The request line is not a method, a target and a version.");
    }
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    if (!is_token(method) || target.empty() || !std::ranges::all_of(target, is_visible_ascii)) {
        return refuse(400, "bad-request-line", "The request line is not a method, a target and a version.");
    }
    take_version(line.substr(last + 1));
    if (state_ == State::Refused) return;
    if (std::ranges::find(kMethods, method) == kMethods.end()) {
        return refuse(501, "unknown-method", "This server does not know the method.");
    }
    request_.method = method;
    request_.target = target;
    part_ = Part::Headers;
}

void RequestFramer::take_version(std::string_view version) {
    const auto digit = [](char character) { return character >= '0' && character <= '9'; };
    if (version.size() != 8 || !version.starts_with("HTTP/") || !digit(version[5]) || version[6] != '.' || !digit(version[7])) {
        return refuse(400, "bad-request-line", "The request line does not end with an HTTP version.");
    }
    if (version == "HTTP/1.0") {
        request_.http_1_0 = true;
    } else if (version != "HTTP/1.1") {
        refuse(505, "unknown-version", "This server speaks HTTP/1.1.");
    }
}

void RequestFramer::take_header(std::string_view line) {
    if (++header_fields_ > limits_.max_header_fields) {
        return refuse(431, "header-too-large", "There are more header fields than this server takes.");
    }
    const std::size_t colon = line.find(':');
    // A name that is no token covers obsolete folding (a leading space) and a space before the colon.
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
        return refuse(400, "bad-header", "A header field is not a name, a colon and a value.");
    }
    if (part_ == Part::Trailers) return;  // read and dropped: none of them is ever asked for
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(), lower_case);
    const std::string_view value = trimmed(line.substr(colon + 1));
    take_framing_header(name, value);
    if (state_ == State::Refused) return;
    const auto [place, fresh] = request_.headers.try_emplace(std::move(name), value);
    if (!fresh) place->second.append(", ").append(value);
}

void RequestFramer::take_framing_header(std::string_view name, std::string_view value) {
    if (name == "host") {
        if (++hosts_ > 1) return refuse(400, "bad-host", "There is more than one Host.");
        if (value.empty() || !std::ranges::all_of(value, is_host_character)) {
            return refuse(400, "bad-host", "The Host is not a name or an address with an optional port.");
        }
    } else if (name == "content-length") {
        take_content_length(value);
    } else if (name == "transfer-encoding") {
        take_transfer_encoding(value);
    } else if (name == "connection") {
        take_connection(value);
    } else if (name == "expect") {
        std::string expectation(value);
        std::ranges::transform(expectation, expectation.begin(), lower_case);
        if (expectation != "100-continue") return refuse(417, "unknown-expectation", "Only 100-continue can be expected.");
        expects_continue_ = true;
    }
}

void RequestFramer::take_content_length(std::string_view value) {
    if (has_length_) return refuse(400, "bad-length", "There is more than one Content-Length.");
    has_length_ = true;
    if (value.empty() || !std::ranges::all_of(value, [](char digit) { return digit >= '0' && digit <= '9'; })) {
        return refuse(400, "bad-length", "The Content-Length is not a number.");
    }
    const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), wanted_);
    if (fault != std::errc() || wanted_ > limits_.max_body_bytes) {
        wanted_ = 0;
        return refuse(413, "body-too-large", "The body is larger than this server takes.");
    }
}

void RequestFramer::take_transfer_encoding(std::string_view value) {
    if (chunked_) return refuse(400, "bad-transfer-encoding", "There is more than one Transfer-Encoding.");
    std::string coding(value);
    std::ranges::transform(coding, coding.begin(), lower_case);
    if (coding != "chunked") return refuse(501, "unknown-transfer-encoding", "The only transfer coding known is chunked.");
    chunked_ = true;
}

void RequestFramer::take_connection(std::string_view value) {
    while (!value.empty()) {
        const std::size_t comma = value.find(',');
        std::string option(trimmed(value.substr(0, comma)));
        std::ranges::transform(option, option.begin(), lower_case);
        if (option == "close") close_asked_ = true;
        if (option == "keep-alive") keep_alive_asked_ = true;
        value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
    }
}

void RequestFramer::end_of_headers() {
    if (hosts_ == 0 && !request_.http_1_0) return refuse(400, "bad-host", "There is no Host.");
    if (chunked_ && has_length_) {
        return refuse(400, "bad-length", "There are both a Content-Length and a Transfer-Encoding.");
    }
    if (chunked_ && request_.http_1_0) {
        return refuse(400, "bad-transfer-encoding", "HTTP/1.0 has no Transfer-Encoding.");
    }
    request_.keep_alive = !close_asked_ && (!request_.http_1_0 || keep_alive_asked_);
    continue_due_ = expects_continue_ && !request_.http_1_0;
    if (chunked_) {
        part_ = Part::ChunkSize;
    } else if (wanted_ > 0) {
        part_ = Part::Body;
        request_.body.reserve(std::min(wanted_, kFirstReservation));
    } else {
        state_ = State::Complete;
    }
}

void RequestFramer::take_chunk_size(std::string_view line) {
    continue_due_ = false;
    std::size_t size = 0;
    const auto [end, fault] = std::from_chars(line.data(), line.data() + line.size(), size, 16);
    const auto digits = static_cast<std::size_t>(end - line.data());
    if (digits == 0) return refuse(400, "bad-chunk", "A chunk has no size.");
    if (digits < line.size() && line[digits] != ';') return refuse(400, "bad-chunk", "A chunk's size is not a number.");
    if (fault != std::errc() || size > limits_.max_body_bytes - request_.body.size()) {
        return refuse(413, "body-too-large", "The body is larger than this server takes.");
    }
    chunk_overhead_ += line.size() + 4;
    if (chunk_overhead_ > limits_.max_header_bytes + kChunkOverheadPerByte * (request_.body.size() + size)) {
        return refuse(400, "bad-chunk", "The chunks hold more framing than content.");
    }
    if (size == 0) {
        part_ = Part::Trailers;
        head_bytes_ = 0;
        return;
    }
    wanted_ = size;
    part_ = Part::ChunkData;
}

}  // namespace platform::http
