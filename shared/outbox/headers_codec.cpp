#include "shared/outbox/headers_codec.hpp"

#include <cstdint>
#include <optional>

namespace platform::outbox {
namespace {

constexpr std::size_t kLengthBytes = 4;

void append(std::string& out, std::string_view text) {
    const auto length = static_cast<std::uint32_t>(text.size());
    for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>((length >> shift) & 0xFFU);
    out += text;
}

/// Takes one text off the front of `bytes`; nothing when they end too early.
std::optional<std::string> take(std::string_view& bytes) {
    if (bytes.size() < kLengthBytes) return std::nullopt;
    std::uint32_t length = 0;
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
        length |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
    }
    bytes.remove_prefix(kLengthBytes);
    if (bytes.size() < length) return std::nullopt;
    std::string text(bytes.substr(0, length));
    bytes.remove_prefix(length);
    return text;
}

}  // namespace

std::string encode_headers(const kafka::Headers& headers) {
    std::size_t size = 0;
    for (const auto& [name, value] : headers) size += name.size() + value.size() + 2 * kLengthBytes;
    std::string bytes;
    bytes.reserve(size);
    for (const auto& [name, value] : headers) {
        append(bytes, name);
        append(bytes, value);
    }
    return bytes;
}

Result<kafka::Headers> decode_headers(std::string_view bytes) {
    kafka::Headers headers;
    while (!bytes.empty()) {
        auto name = take(bytes);
        auto value = name ? take(bytes) : std::nullopt;
        if (!value) return fail(ErrorKind::Invalid, "stored headers end too early");
        headers.emplace_back(*std::move(name), *std::move(value));
    }
    return headers;
}

}  // namespace platform::outbox
