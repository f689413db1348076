#include "shared/telemetry/log.hpp"

#include "shared/core/clock.hpp"
#include "shared/telemetry/log_line.hpp"
#include "shared/telemetry/log_throttle.hpp"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

namespace platform::log {
namespace {

/// The state behind the functions: logging is the one thing that every part of a process shares.
struct Logger {
    std::string service;  // written once by configure(), before any thread
    std::atomic<Level> threshold{Level::Info};
    Throttle throttle{kRepeatsPerSecond};
    SystemClock clock;
};

Logger& logger() {
    static auto* const instance = new Logger;  // never destroyed: threads may log until the very end
    return *instance;
}

/// One line is one write, so that lines of threads and processes do not mix. A lost log line must not stop
/// the work.
void emit(std::string_view line) {
    while (!line.empty()) {
        const auto written = ::write(STDERR_FILENO, line.data(), line.size());
        if (written < 0 && errno != EINTR) return;
        if (written > 0) line.remove_prefix(static_cast<std::size_t>(written));
    }
}

void write(Level level, std::string_view message, Fields fields) {
    Logger& log = logger();
    if (level < log.threshold.load(std::memory_order_relaxed)) return;
    const auto suppressed = log.throttle.admit(message, log.clock.now());
    if (!suppressed) return;
    const Context& around = context();
    emit(render({
        .time = log.clock.wall(),
        .level = level,
        .service = log.service,
        .message = message,
        .fields = fields,
        .correlation_id = around.correlation_id,
        .trace_id = around.trace_id,
        .order_id = around.order_id,
        .suppressed = *suppressed,
    }));
}

}  // namespace

void configure(std::string_view service, Level threshold) {
    logger().service = service;
    logger().threshold = threshold;
}

void set_threshold(Level threshold) {
    logger().threshold = threshold;
}

Level threshold() {
    return logger().threshold;
}

bool parse_level(std::string_view text, Level& out) {
    for (const Level level : {Level::Debug, Level::Info, Level::Warn, Level::Error}) {
        if (text == to_string(level)) {
            out = level;
            return true;
        }
    }
    out = Level::Info;
    return false;
}

void debug(std::string_view message, Fields fields) {
    write(Level::Debug, message, fields);
}
void info(std::string_view message, Fields fields) {
    write(Level::Info, message, fields);
}
void warn(std::string_view message, Fields fields) {
    write(Level::Warn, message, fields);
}
void error(std::string_view message, Fields fields) {
    write(Level::Error, message, fields);
}

CorrelationScope::CorrelationScope(std::string_view correlation_id)
    : previous_(std::exchange(context().correlation_id, std::string(correlation_id))) {}

CorrelationScope::~CorrelationScope() {
    context().correlation_id = std::move(previous_);
}

}  // namespace platform::log
