#pragma once
#include "services/order/domain/order.hpp"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace platform::order {

/// One fault of a request; `pointer` is a JSON pointer into the body, "" for all of it. Fit for a client.
struct Fault {
    std::string pointer;
    std::string message;
};

/// A request that is not an order. Semantic: every field is right by itself, together they are not (the
/// amount is out of range).
struct Refusal {
    enum class Kind : std::uint8_t { Malformed, Semantic };
    Kind kind = Kind::Malformed;
    std::vector<Fault> faults;  ///< all that were found, at least one, at most kMaxFaults
};

inline constexpr std::size_t kMaxFaults = 20;
inline constexpr std::int32_t kMaxQuantity = 1'000'000;

inline constexpr std::size_t kMaxLines = 20;

/// Reads the body of POST /api/orders: {"productId","quantity","price"}, or "items" with 1 to 20 such lines of different
/// products in their place; optionally "userId", "currency"; nothing else. `price` is a JSON number or the same as a
/// string, exact, 0 or more (something may be free), at most four decimals. One line in "items" is the same order as
/// without them. Pure.
[[nodiscard]] std::expected<Content, Refusal>
read_order(std::string_view body, std::string_view default_currency);

}  // namespace platform::order
