#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace platform::api {

enum class Truth : std::uint8_t { True, False, Unknown };
[[nodiscard]] std::string_view to_string(Truth truth);
/// Unknown for any other text.
[[nodiscard]] Truth parse_truth(std::string_view text);

struct Condition {
    std::string type{};
    Truth status = Truth::Unknown;
    std::string reason{};   ///< CamelCase, for programs
    std::string message{};  ///< for people: what is being waited for
    std::int64_t observed_generation = 0;
    std::string last_transition{};  ///< RFC 3339; when `status` last changed
    friend bool operator==(const Condition&, const Condition&) = default;
};

[[nodiscard]] const Condition*
find_condition(const std::vector<Condition>& conditions, std::string_view type);

/// Gives `wanted` the transition times of `before` where the status is the same, and `now` where it is not.
void keep_transitions(
    std::vector<Condition>& wanted,
    const std::vector<Condition>& before,
    std::string_view now
);

}  // namespace platform::api
