#include "shared/core/traceparent.hpp"

#include <algorithm>

namespace platform::traceparent {
namespace {

constexpr std::size_t kTrace = 3;   // where the trace id begins
constexpr std::size_t kSpan = 36;   // where the span id begins
constexpr std::size_t kFlags = 53;  // where the flags begin
constexpr std::size_t kLength = 55;

bool is_hex(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c == '0'; });
}

/// The digits of a fresh id. The time stands at the front of it, and chance behind.
std::string digits(UuidGenerator& ids) {
    std::string text = ids.next().text();
    std::erase(text, '-');
    return text;
}

}  // namespace

bool valid(std::string_view text) {
    if (text.size() < kLength) return false;
    // A later version may have more behind a dash; what we know of it stands where it did.
    const bool later = text.size() > kLength;
    if (later && (text.starts_with("00") || text[kLength] != '-')) return false;
    const auto trace = text.substr(kTrace, 32);
    const auto span = text.substr(kSpan, 16);
    return text[2] == '-' && text[kSpan - 1] == '-' && text[kFlags - 1] == '-' && is_hex(text.substr(0, 2)) &&
           !text.starts_with("ff") && is_hex(trace) && !is_zero(trace) && is_hex(span) && !is_zero(span) &&
           is_hex(text.substr(kFlags, 2));
}

std::string next_hop(std::string_view received, UuidGenerator& ids) {
    const std::string span = digits(ids).substr(16);
    if (!valid(received)) return "00-" + digits(ids) + "-" + span + "-00";
    std::string hop = "00";
    hop += received.substr(2, kSpan - 2);
    hop += span;
    hop += received.substr(kFlags - 1, 3);
    return hop;
}

}  // namespace platform::traceparent
