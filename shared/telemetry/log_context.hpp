#pragma once
#include <string>
#include <string_view>

namespace platform::log {

/// The trace that lines of this thread belong to while it lives: the `traceId` of a W3C traceparent. One that is not valid changes nothing.
class TraceScope {
public:
    explicit TraceScope(std::string_view traceparent);
    ~TraceScope();
    TraceScope(const TraceScope&) = delete;
    TraceScope& operator=(const TraceScope&) = delete;

private:
    std::string previous_;
};

/// The `order_id` that lines of this thread carry while it lives.
class OrderScope {
public:
    explicit OrderScope(std::string_view order_id);
    ~OrderScope();
    OrderScope(const OrderScope&) = delete;
    OrderScope& operator=(const OrderScope&) = delete;

private:
    std::string previous_;
};

}  // namespace platform::log
