#include "operator/api/conditions.hpp"

namespace platform::api {

std::string_view to_string(Truth truth) {
    switch (truth) {
        case Truth::True:
            return "True";
        case Truth::False:
            return "False";
        case Truth::Unknown:
            return "Unknown";
    }
    return "Unknown";
}

Truth parse_truth(std::string_view text) {
    if (text == "True") return Truth::True;
    if (text == "False") return Truth::False;
    return Truth::Unknown;
}

const Condition* find_condition(const std::vector<Condition>& conditions, std::string_view type) {
    for (const Condition& condition : conditions) {
        if (condition.type == type) return &condition;
    }
    return nullptr;
}

void keep_transitions(
    std::vector<Condition>& wanted,
    const std::vector<Condition>& before,
    std::string_view now
) {
    for (Condition& condition : wanted) {
        const Condition* old = find_condition(before, condition.type);
        const bool same = old && old->status == condition.status && !old->last_transition.empty();
        condition.last_transition = same ? old->last_transition : std::string(now);
    }
}

}  // namespace platform::api
