#include "shared/tracing/tracer.hpp"

#include "shared/core/traceparent.hpp"

#include <cstddef>

namespace platform::tracing {

bool sampled(std::string_view traceparent) {
    constexpr std::size_t kLowFlags = 54;  // the digit that holds the sampled flag as its lowest bit
    if (traceparent.size() <= kLowFlags) return false;
    const char digit = traceparent[kLowFlags];
    const int low = digit >= '0' && digit <= '9' ? digit - '0' : digit - 'a' + 10;
    return low % 2 == 1 && traceparent::valid(traceparent);
}

Span Tracer::below(std::string_view parent, Kind kind, std::string_view name) const {
    if (!recorder_ || !sampled(parent)) return {};
    return Span(recorder_->record(kind, name, parent));
}

Span Tracer::enter(std::string_view parent, Kind kind, std::string_view name) const {
    if (!recorder_) return {};
    if (traceparent::valid(parent)) return below(parent, kind, name);
    return Span(recorder_->record(kind, name, {}));
}

void Tracer::shut_down(Duration within) const {
    if (recorder_) recorder_->shut_down(within);
}

}  // namespace platform::tracing
