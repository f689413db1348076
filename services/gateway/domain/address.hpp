#pragma once
#include "shared/core/result.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace platform::gateway {

/// A host, by name or number, and a port.
struct Address {
    std::string host;
    std::uint16_t port = 0;

    /// "order-headless:8081", "10.1.2.3:8081", "[::1]:8081".
    [[nodiscard]] std::string text() const;
    /// Error: Invalid.
    [[nodiscard]] static Result<Address> parse(std::string_view text);

    friend auto operator<=>(const Address&, const Address&) = default;
};

}  // namespace platform::gateway
