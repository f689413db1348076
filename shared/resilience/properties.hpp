#pragma once
#include "shared/core/clock.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The names, forms and bounds of Resilience4j's properties, as far as they are supported. Not for other rooms.
namespace platform::resilience::properties {

enum class Kind : std::uint8_t {
    Count,       ///< a whole number from 1
    Percent,     ///< above 0, to 100
    Time,        ///< above 0
    TimeOrNone,  ///< from 0
    Multiplier,  ///< from 1
    Factor,      ///< from 0 to 1
    Flag,
    AlwaysTrue,  ///< a flag whose other value is not supported
    Window,      ///< COUNT_BASED, TIME_BASED
    After,       ///< OPEN, CLOSED
    Initial,     ///< a state
    Config,      ///< the name of a config
};

struct Property {
    std::string_view name;  ///< camelCase
    Kind kind;
};

/// "order-kafka", "orderKafka" and "ORDER_KAFKA" are the same name: letters and digits in lower case.
[[nodiscard]] std::string canonical(std::string_view name);

/// Empty for a section that is not supported.
[[nodiscard]] std::span<const Property> of_section(std::string_view section);
[[nodiscard]] const Property* find(std::string_view section, std::string_view canonical_name);
/// Why a property of Resilience4j is not supported; empty when there is no such property.
[[nodiscard]] std::string_view why_not(std::string_view canonical_name);

/// "10s", "500ms", "200us", "500ns", "2m", "1h", "1d"; a bare number is in milliseconds. As Spring reads them.
[[nodiscard]] std::optional<Duration> parse_time(std::string_view text);
[[nodiscard]] std::optional<double> parse_number(std::string_view text);
[[nodiscard]] std::optional<bool> parse_flag(std::string_view text);

/// What is expected when `text` is not a value of this kind; empty when it is.
[[nodiscard]] std::string_view fault_of(Kind kind, std::string_view text);

}  // namespace platform::resilience::properties
