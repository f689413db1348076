#pragma once
#include "shared/core/check.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace platform {

/// The values of an enum with their names, as rows of databases, events and answers have them. All values and no others.
template <class Enum, std::size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

template <class Enum, std::size_t N>
[[nodiscard]] std::string_view name_of(const Names<Enum, N>& names, Enum value) {
    for (const auto& [known, name] : names) {
        if (known == value) return name;
    }
    CHECK(false, "every value has a name");
    return {};
}

/// Nothing when `text` names no value; names differ in case.
template <class Enum, std::size_t N>
[[nodiscard]] std::optional<Enum> value_of(const Names<Enum, N>& names, std::string_view text) {
    for (const auto& [value, name] : names) {
        if (name == text) return value;
    }
    return std::nullopt;
}

}  // namespace platform
