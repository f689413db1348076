#pragma once
#include "operator/reconcile/model.hpp"

#include <vector>

namespace platform::reconcile {

/// Decides what to do next: steps that bring `observed` nearer to `desired`, in order. Empty when there is
/// nothing to do now: all is as wanted, or something has to become ready first. Pure: the same input gives
/// the same steps, and steps that were done are not planned again.
///
/// - The finalizer comes before any step that leaves a trace.
/// - What could not be read is left alone; it is never taken for absent.
/// - A release is first installed when what it needs exists; one that is installed already may be changed at
/// any time.
[[nodiscard]] std::vector<Step> plan(const Desired& desired, const Observed& observed);

/// All topics exist with enough partitions and their configuration. False when they could not be read.
[[nodiscard]] bool topics_complete(const Desired& desired, const Observed& observed);

}  // namespace platform::reconcile
