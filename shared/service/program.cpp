#include "shared/service/program.hpp"

#include "shared/core/pause.hpp"
#include "shared/runtime/stop_signals.hpp"
#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <iostream>
#include <malloc.h>
#include <optional>
#include <utility>
#include <vector>

namespace platform::service {
namespace {

constexpr int kFailure = 1;
constexpr int kUsage = 2;

/// Waits for the database while it cannot be reached: an init container starts with it.
int migrate_patiently(const Settings& settings, const Schema& schema, std::ostream& out, std::ostream& err) {
    constexpr Duration kPatience = std::chrono::minutes(1);
    constexpr Duration kPause = std::chrono::milliseconds(500);
    const SystemClock clock;
    const Instant end = clock.now() + kPatience;
    for (;;) {
        auto ran = migrate(settings, schema);
        if (ran) {
            out << settings.mysql_ddl.database << ": schema is up to date, " << *ran << " statements run\n";
            return 0;
        }
        if (!retryable(ran.error().kind) || clock.now() + kPause > end) {
            err << "error: cannot migrate " << settings.mysql_ddl.database << ": " << ran.error().what
                << '\n';
            return kFailure;
        }
        pause(kPause);
    }
}

using Arguments = std::span<const std::string_view>;

bool is_common(std::string_view mode) {
    return mode.empty() || mode == "--settings" || mode == "--migrate" || mode == "--version";
}

int usage(std::ostream& err, const std::vector<Program::Command>& commands) {
    err << "usage: [--settings | --migrate | --version]\n";
    for (const Program::Command& command : commands) {
        err << "       " << command.name;
        for (const std::string& option : command.options) err << ' ' << option << " <value>";
        err << '\n';
    }
    return kUsage;
}

/// The value of each option, every one exactly once; nothing when the arguments are others.
std::optional<Program::Command::Values> read_options(const Program::Command& command, Arguments arguments) {
    Program::Command::Values values;
    if (arguments.size() != 2 * command.options.size()) return std::nullopt;
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        const std::string name(arguments[i]);
        const bool known = std::ranges::contains(command.options, name);
        if (!known || !values.emplace(name, arguments[i + 1]).second) return std::nullopt;
    }
    return values;
}

int run_command(
    const std::vector<Program::Command>& commands,
    const Settings& settings,
    Arguments arguments,
    std::ostream& out,
    std::ostream& err
) {
    const auto command = std::ranges::find(commands, arguments.front(), &Program::Command::name);
    if (command == commands.end()) return usage(err, commands);
    const auto values = read_options(*command, arguments.subspan(1));
    if (!values) return usage(err, commands);
    const auto done = command->run(settings, *values);
    if (!done) {
        err << "error: " << done.error().what << '\n';
        return kFailure;
    }
    out << *done << '\n';
    return 0;
}

int serve(Settings settings, Program::Parts parts) {
    const StopSignals signals;
    const SystemClock clock;
    Runtime runtime(std::move(settings), std::move(parts.schema), clock);
    const auto service = parts.wire(runtime);
    runtime.start();
    const int signal = signals.wait();
    log::info("stopping", {{"signal", signal}});
    runtime.stop();
    log::info("stopped");
    return runtime.failed() ? kFailure : 0;
}

#ifdef PLATFORM_MUTANT_NEXT_RELEASE
/// What tests/system/upgrade_test.py upgrades to and goes back from: one more column on a table that every order writes.
void grow(std::vector<mysql::Migration>& migrations) {
    const int last = static_cast<int>(migrations.size());
    if (last == 0) return;
    migrations.push_back(
        {.version = last + 1,
         .name = "next release",
         .statements = {"ALTER TABLE outbox ADD COLUMN next_release INT NULL"},
         .works_from = last}
    );
}
#endif

/// By default each of many threads may get a heap of its own, and what one batch needed stays there for ever.
void keep_memory_small() {
    ::mallopt(M_ARENA_MAX, 2);
    ::mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
}

}  // namespace

int run(
    const Program& program,
    std::span<const std::string_view> arguments,
    std::ostream& out,
    std::ostream& err
) try {
    const std::string_view mode = arguments.empty() ? std::string_view{} : arguments.front();
    const bool common = is_common(mode);
    if (common && arguments.size() > 1) return usage(err, {});
    if (mode == "--version") {
        out << program.defaults.name << ' ' << PLATFORM_VERSION << '\n';
        return 0;
    }
    const auto source = mode == "--settings" ? config::Source::of({}) : config::Source::of_process();
    config::Reader reader(source);
    Settings settings = read_settings(reader, program.defaults);
    Program::Parts parts = program.configure(reader);
#ifdef PLATFORM_MUTANT_NEXT_RELEASE
    grow(parts.schema.migrations);
#endif
    if (mode == "--settings") {
        config::print_settings(out, reader.rows());
        return 0;
    }
    if (!common && !std::ranges::contains(parts.commands, mode, &Program::Command::name))
        return usage(err, parts.commands);
    reader.finish();
    log::configure(program.defaults.name, settings.log_level);
    if (!common) return run_command(parts.commands, settings, arguments, out, err);
    if (mode == "--migrate") return migrate_patiently(settings, parts.schema, out, err);
    return serve(std::move(settings), std::move(parts));
} catch (const std::exception& e) {
    err << "error: " << e.what() << '\n';
    return kFailure;
}

int run(const Program& program, int argc, char** argv) {
    keep_memory_small();
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    return run(program, arguments, std::cout, std::cerr);
}

}  // namespace platform::service
