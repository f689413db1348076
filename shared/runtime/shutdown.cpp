#include "shared/runtime/shutdown.hpp"

#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace platform {

void Shutdown::then(std::string name, std::function<void(Duration left)> step) {
    steps_.push_back({.name = std::move(name), .action = std::move(step)});
}

bool Shutdown::run(Duration budget) {
    constexpr Duration kWorthALine = std::chrono::seconds(1);
    const Instant end = clock_.now() + budget;
    bool in_time = true;
    for (const Step& step : steps_) {
        const Instant start = clock_.now();
        try {
            step.action(std::max(Duration::zero(), end - start));
        } catch (const std::exception& e) {
            log::error("a step of the shutdown failed", {{"step", step.name}, {"why", e.what()}});
        }
        const Instant now = clock_.now();
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(now - start);
        if (took > kWorthALine)
            log::info("shutdown step done", {{"step", step.name}, {"took_ms", took.count()}});
        if (now > end && in_time) {
            in_time = false;
            log::warn("the shutdown ran out of time", {{"step", step.name}});
        }
    }
    return in_time;
}

}  // namespace platform
