#include "shared/core/money.hpp"

#include <charconv>
#include <cstddef>
#include <format>

namespace platform {
namespace {

constexpr int kScaleDigits = 4;
constexpr std::int64_t kScale = 10'000;
constexpr std::size_t kMaxText = 64;

struct Decimal {
    bool negative = false;
    std::string digits;  // without sign and point
    int exponent = 0;    // value = digits * 10^exponent
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

Result<Decimal> read_decimal(std::string_view text) {
    const auto malformed = [] { return fail(ErrorKind::Invalid, "not a decimal number"); };
    if (text.empty() || text.size() > kMaxText) return malformed();
    Decimal decimal;
    if (text.front() == '-') {
        decimal.negative = true;
        text.remove_prefix(1);
    }
    bool point = false;
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        if (is_digit(text[at])) {
            decimal.digits += text[at];
            if (point) --decimal.exponent;
        } else if (text[at] == '.' && !point && at > 0 && at + 1 < text.size() && is_digit(text[at + 1])) {
            point = true;
        } else {
            break;
        }
    }
    if (decimal.digits.empty()) return malformed();
    if (at == text.size()) return decimal;
    if (text[at] != 'e' && text[at] != 'E') return malformed();
    std::string_view power = text.substr(at + 1);
    if (power.size() > 1 && power.front() == '+' && is_digit(power[1])) power.remove_prefix(1);
    int exponent = 0;
    const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), exponent);
    if (power.empty() || error != std::errc{} || end != power.data() + power.size() || exponent > 1000 ||
        exponent < -1000) {
        return malformed();
    }
    decimal.exponent += exponent;
    return decimal;
}

}  // namespace

Result<Money> Money::parse(std::string_view text) {
    auto decimal = read_decimal(text);
    if (!decimal) return fail(std::move(decimal).error());
    auto& [negative, digits, exponent] = *decimal;
    digits.erase(0, digits.find_first_not_of('0'));
    if (digits.empty()) return Money{};
    while (digits.back() == '0') {
        digits.pop_back();
        ++exponent;
    }
    if (exponent < -kScaleDigits) return fail(ErrorKind::Invalid, "more than four decimals");
    if (exponent > 18) return fail(ErrorKind::Invalid, "out of range");
    digits.append(static_cast<std::size_t>(exponent + kScaleDigits), '0');
    std::int64_t units = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), units);
    if (error != std::errc{}) return fail(ErrorKind::Invalid, "out of range");
    return Money{negative ? -units : units};
}

Result<Money> Money::times(std::int64_t quantity) const {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(units_, quantity, &product)) return fail(ErrorKind::Invalid, "amount out of range");
    return Money{product};
}

Result<Money> Money::plus(Money other) const {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(units_, other.units_, &sum)) return fail(ErrorKind::Invalid, "amount out of range");
    return Money{sum};
}

std::string Money::text() const {
    const bool negative = units_ < 0;
    const std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(units_) : static_cast<std::uint64_t>(units_);
    std::string text = std::format(
        "{}{}.{:04}", negative ? "-" : "", magnitude / kScale, magnitude % static_cast<std::uint64_t>(kScale)
    );
    for (int i = 0; i < 2 && text.back() == '0'; ++i) text.pop_back();
    return text;
}

}  // namespace platform
