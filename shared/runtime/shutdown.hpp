#pragma once
#include "shared/core/clock.hpp"

#include <functional>
#include <string>
#include <vector>

namespace platform {

/// The ordered stop of a process: steps run in the order in which they were added, each one with what is left of the budget.
/// Logs each step that took over a second and a budget that ran out (the later steps then still run, with zero left). One thread.
class Shutdown {
public:
    explicit Shutdown(const Clock& clock) : clock_(clock) {}
    void then(std::string name, std::function<void(Duration left)> step);
    /// False when the budget ran out.
    bool run(Duration budget);

private:
    struct Step {
        std::string name;
        std::function<void(Duration)> action;
    };
    const Clock& clock_;
    std::vector<Step> steps_;
};

}  // namespace platform
