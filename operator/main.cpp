#include "operator/app.hpp"
#include "operator/config.hpp"
#include "shared/runtime/stop_signals.hpp"
#include "shared/telemetry/log.hpp"

#include <chrono>
#include <exception>
#include <iostream>
#include <string_view>

namespace {

constexpr std::chrono::seconds kStopBudget{20};  // below the pod's grace period of 30 s
constexpr int kFailed = 1;
constexpr int kMisused = 2;

int release(const platform::operators::Config& config) {
    const auto released = platform::operators::release_all(config);
    if (!released) {
        std::cerr << "operator: cannot release the OrderPlatforms: " << released.error().what << '\n';
        return kFailed;
    }
    platform::log::info("released the OrderPlatforms of the namespace", {{"count", *released}});
    return 0;
}

}  // namespace

int main(int argc, char** argv) try {
    const platform::StopSignals signals;
    const std::string_view mode = argc > 1 ? argv[1] : "";
    if (mode == "--settings") {
        const auto shown = platform::config::Source::of({{"WATCH_NAMESPACE", "default"}});
        platform::config::print_settings(std::cout, platform::operators::read_config(shown).rows);
        return 0;
    }
    if (argc > 2 || (!mode.empty() && mode != "--release")) {
        std::cerr << "usage: operator [--settings | --release]\n";
        return kMisused;
    }
    const auto config = platform::operators::read_config(platform::config::Source::of_process());
    platform::log::configure("operator", config.log_level);
    if (mode == "--release") return release(config);
    platform::operators::App app(config);
    const int signal = signals.wait();
    platform::log::info("stopping", {{"signal", signal}});
    app.stop(kStopBudget);
    return 0;
} catch (const std::exception& e) {
    std::cerr << "operator: " << e.what() << '\n';
    return kFailed;
}
