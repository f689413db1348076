#include "operator/provision/base64.hpp"

#include <cstdint>

namespace platform::provision {
namespace {

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr unsigned kBitsPerLetter = 6;
constexpr unsigned kBitsPerByte = 8;
constexpr std::size_t kLettersPerGroup = 4;

}  // namespace

std::string encode_base64(std::string_view bytes) {
    std::string out;
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : bytes) {
        bits = (bits << kBitsPerByte) | static_cast<std::uint8_t>(c);
        held += kBitsPerByte;
        while (held >= kBitsPerLetter) {
            held -= kBitsPerLetter;
            out += kLetters[(bits >> held) & 0x3FU];
        }
    }
    if (held > 0) out += kLetters[(bits << (kBitsPerLetter - held)) & 0x3FU];
    while (out.size() % kLettersPerGroup != 0) out += '=';
    return out;
}

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % kLettersPerGroup != 0) return std::nullopt;
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    if (text.size() % kLettersPerGroup == 1) return std::nullopt;
    std::string out;
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const char c : text) {
        const std::size_t value = kLetters.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << kBitsPerLetter) | static_cast<std::uint32_t>(value);
        held += kBitsPerLetter;
        if (held >= kBitsPerByte) {
            held -= kBitsPerByte;
            out += static_cast<char>((bits >> held) & 0xFFU);
        }
    }
    return out;
}

}  // namespace platform::provision
