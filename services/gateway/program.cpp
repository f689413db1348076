#include "services/gateway/program.hpp"

#include "services/gateway/app.hpp"
#include "services/gateway/config.hpp"
#include "shared/runtime/stop_signals.hpp"
#include "shared/telemetry/log.hpp"

#include <exception>

namespace platform::gateway {
namespace {

constexpr int kFailure = 1;
constexpr int kUsage = 2;

void serve(Config config) {
    const StopSignals signals;  // before any thread exists
    const SystemClock clock;
    App app(std::move(config), clock);
    app.start();
    const int signal = signals.wait();
    log::info("stopping", {{"signal", signal}});
    app.stop();
    log::info("stopped");
}

}  // namespace

int run(std::span<const std::string_view> arguments, std::ostream& out, std::ostream& err) try {
    const std::string_view mode = arguments.empty() ? std::string_view{} : arguments.front();
    if (arguments.size() > 1 || (mode != "" && mode != "--settings" && mode != "--version")) {
        err << "usage: gateway [--settings | --version]\n";
        return kUsage;
    }
    if (mode == "--version") {
        out << "gateway " << PLATFORM_VERSION << '\n';
        return 0;
    }
    const auto source = mode == "--settings" ? config::Source::of({}) : config::Source::of_process();
    config::Reader reader(source);
    Config config = read_config(reader);
    if (mode == "--settings") {
        config::print_settings(out, reader.rows());
        return 0;
    }
    log::configure("gateway", config.log_level);
    serve(std::move(config));
    return 0;
} catch (const std::exception& e) {
    err << "error: " << e.what() << '\n';
    return kFailure;
}

}  // namespace platform::gateway
