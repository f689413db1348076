#pragma once
#include "shared/core/clock.hpp"
#include "shared/tracing/span.hpp"

#include <memory>
#include <string_view>
#include <utility>

namespace platform::tracing {

/// Port: whoever keeps spans. Thread-safe.
class Recorder {
public:
    Recorder() = default;
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    virtual ~Recorder() = default;

    /// A span below `parent`, which is a valid traceparent with its sampled flag set. Without a parent it is the first one of a new trace, or null
    /// when that trace is not among the sampled ones. Never blocks.
    [[nodiscard]] virtual std::unique_ptr<Recording> record(Kind kind, std::string_view name, std::string_view parent) = 0;

    /// Sends what has ended, for as long as `within`, and drops the rest. Spans that end later are dropped.
    virtual void shut_down(Duration within) = 0;
};

/// Begins spans. Whether a trace is recorded was decided where it began and stands in the sampled flag of its traceparent; this is seen before anything
/// is made, so that a request of another trace costs nothing. Without a recorder all spans are empty. Has to outlive its
/// spans. Thread-safe.
class Tracer {
public:
    Tracer() = default;  ///< off
    explicit Tracer(std::unique_ptr<Recorder> recorder) : recorder_(std::move(recorder)) {}

    [[nodiscard]] bool on() const { return recorder_ != nullptr; }
    /// Work that belongs to `parent`; empty when there is none, or its trace is not recorded.
    [[nodiscard]] Span below(std::string_view parent, Kind kind, std::string_view name) const;
    /// Work that came from outside: below `parent` when that is valid, else perhaps the first span of a new trace.
    [[nodiscard]] Span enter(std::string_view parent, Kind kind, std::string_view name) const;

    /// Once, when no more spans are wanted. See Recorder::shut_down().
    void shut_down(Duration within) const;

private:
    std::unique_ptr<Recorder> recorder_;
};

/// True when `traceparent` is valid and its trace is recorded.
[[nodiscard]] bool sampled(std::string_view traceparent);

}  // namespace platform::tracing
