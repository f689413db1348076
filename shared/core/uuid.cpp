#include "shared/core/uuid.hpp"

#include <algorithm>
#include <cstddef>
#include <random>

namespace platform {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::size_t kTextSize = 36;

constexpr bool dash_at(std::size_t position) {
    return position == 8 || position == 13 || position == 18 || position == 23;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// splitmix64 (Sebastiano Vigna, public domain algorithm): uniqueness, not secrecy, is what the ids need.
std::uint64_t next_random(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

std::uint64_t fnv1a(std::string_view text, std::uint64_t basis) {
    std::uint64_t hash = basis;
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3ULL;
    return hash;
}

void put_big_endian(Uuid::Bytes& bytes, std::size_t at, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * (size - 1 - i)));
    }
}

void mark(Uuid::Bytes& bytes, std::uint8_t version) {
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | (version << 4));
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
}

}  // namespace

Result<Uuid> Uuid::parse(std::string_view text) {
    if (text.size() != kTextSize) return fail(ErrorKind::Invalid, "not a UUID");
    Bytes bytes{};
    std::size_t nibble = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (dash_at(i)) {
            if (text[i] != '-') return fail(ErrorKind::Invalid, "not a UUID");
            continue;
        }
        const int value = hex_value(text[i]);
        if (value < 0) return fail(ErrorKind::Invalid, "not a UUID");
        bytes[nibble / 2] = static_cast<std::uint8_t>((bytes[nibble / 2] << 4) | value);
        ++nibble;
    }
    return Uuid{bytes};
}

Result<Uuid> Uuid::from_bytes(std::string_view bytes) {
    if (bytes.size() != Bytes{}.size()) return fail(ErrorKind::Invalid, "not 16 bytes");
    Bytes copy{};
    std::ranges::transform(bytes, copy.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
    return Uuid{copy};
}

Uuid Uuid::of_name(std::string_view name) {
    std::uint64_t state = fnv1a(name, 0xcbf29ce484222325ULL);
    const std::uint64_t high = next_random(state);
    std::uint64_t other = fnv1a(name, high | 1);
    Bytes bytes{};
    put_big_endian(bytes, 0, high, 8);
    put_big_endian(bytes, 8, next_random(other), 8);
    mark(bytes, 8);
    return Uuid{bytes};
}

std::string Uuid::text() const {
    std::string text;
    text.reserve(kTextSize);
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
        if (dash_at(text.size())) text += '-';
        text += kHex[bytes_[i] >> 4];
        text += kHex[bytes_[i] & 0x0f];
    }
    return text;
}

UuidGenerator::UuidGenerator(const Clock& clock, std::uint64_t seed) : clock_(clock), state_(seed) {
    if (seed == 0) {
        std::random_device device;
        state_ = (static_cast<std::uint64_t>(device()) << 32) ^ device();
    }
}

Uuid UuidGenerator::next() {
    const auto wall = clock_.wall().time_since_epoch();
    const std::int64_t millis = std::chrono::duration_cast<std::chrono::milliseconds>(wall).count();
    const std::lock_guard lock(mutex_);
    // 12 bits of rand_a count within one millisecond; a full counter borrows the next millisecond (RFC 9562 §6.2, method 1).
    if (millis > last_millis_) {
        last_millis_ = millis;
        counter_ = static_cast<std::uint32_t>(next_random(state_) & 0x3ff);
    } else if (++counter_ > 0xfff) {
        ++last_millis_;
        counter_ = 0;
    }
    Uuid::Bytes bytes{};
    put_big_endian(bytes, 0, static_cast<std::uint64_t>(last_millis_), 6);
    put_big_endian(bytes, 6, counter_, 2);
    put_big_endian(bytes, 8, next_random(state_), 8);
    mark(bytes, 7);
    return Uuid{bytes};
}

}  // namespace platform
