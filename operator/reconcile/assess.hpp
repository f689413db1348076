#pragma once
#include "operator/api/order_platform.hpp"
#include "operator/reconcile/model.hpp"

#include <optional>
#include <string>
#include <vector>

namespace platform::reconcile {

/// The step that failed last, if any.
struct Failure {
    std::string step{};
    Error error;
};

/// The status that `observed` deserves: Ready and its parts, each with a message that says what is being
/// waited for. Pure; transition times are empty. `next` are the steps that are about to be taken.
[[nodiscard]] api::Status assess(
    std::int64_t generation,
    const Desired& desired,
    const Observed& observed,
    const std::vector<Step>& next,
    const std::optional<Failure>& failure
);

}  // namespace platform::reconcile
