#include "shared/telemetry/log_context.hpp"

#include "shared/core/traceparent.hpp"
#include "shared/telemetry/log_line.hpp"

#include <utility>

namespace platform::log {
namespace {

constexpr std::size_t kTraceBegin = 3;  // behind the version and its dash
constexpr std::size_t kTraceLength = 32;

}  // namespace

Context& context() {
    thread_local Context of_this_thread;
    return of_this_thread;
}

TraceScope::TraceScope(std::string_view traceparent) : previous_(context().trace_id) {
    if (traceparent::valid(traceparent)) context().trace_id = traceparent.substr(kTraceBegin, kTraceLength);
}

TraceScope::~TraceScope() {
    context().trace_id = std::move(previous_);
}

OrderScope::OrderScope(std::string_view order_id)
    : previous_(std::exchange(context().order_id, std::string(order_id))) {}

OrderScope::~OrderScope() {
    context().order_id = std::move(previous_);
}

}  // namespace platform::log
