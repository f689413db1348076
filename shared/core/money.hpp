#pragma once
#include "shared/core/result.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace platform {

/// An amount in 10^-4 units of its currency; fits MySQL's DECIMAL(19,4). Immutable. Never made from a double.
class Money {
public:
    /// 922,337,203,685,477.5807: the 64-bit range, which DECIMAL(19,4) holds.
    static constexpr std::int64_t kMaxUnits = 9'223'372'036'854'775'807LL;

    constexpr Money() = default;
    [[nodiscard]] static constexpr Money of_units(std::int64_t units) { return Money{units}; }

    /// Reads a plain decimal ("199.99", "-3", "0.0001", also "1e2" as JSON allows it) with at most four digits after the point
    /// once trailing zeros are cut. Errors: Invalid (not a number, more than four decimals, out of range).
    [[nodiscard]] static Result<Money> parse(std::string_view text);

    [[nodiscard]] constexpr std::int64_t units() const { return units_; }
    /// Price times quantity. Error: Invalid on overflow.
    [[nodiscard]] Result<Money> times(std::int64_t quantity) const;
    [[nodiscard]] Result<Money> plus(Money other) const;

    /// The shortest text with at least two decimals: "199.99", "200.00", "0.0001".
    [[nodiscard]] std::string text() const;

    friend constexpr auto operator<=>(Money, Money) = default;

private:
    constexpr explicit Money(std::int64_t units) : units_(units) {}
    std::int64_t units_ = 0;
};

}  // namespace platform
