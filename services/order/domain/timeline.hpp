#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace platform::order {

/// One record of a topic that tells of an order.
struct TimelineStep {
    WallTime at;  ///< when it happened, by the clock of the service that says so
    std::string type;
    std::string service;
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    Uuid event_id;
    std::string correlation_id;
    std::string trace_id;  ///< 32 hexadecimal digits; empty when nobody traced it

    friend bool operator==(const TimelineStep&, const TimelineStep&) = default;
};

/// All that the topics say of one order.
struct Timeline {
    std::vector<TimelineStep> steps;
    bool truncated = false;  ///< there were more
};

/// More are not kept: an order that is asked about without end must not fill a table.
inline constexpr std::size_t kMaxTimelineSteps = 200;

/// Adds a record once: its topic, partition and offset say which one it is. True when it was new.
bool add_step(Timeline& timeline, const TimelineStep& step);

/// A step with what it means among the others.
struct TimelineEvent {
    TimelineStep step;
    int attempt = 1;            ///< 2, 3, ...: told again under another event id (asked again, answered again)
    int delivery = 1;           ///< 2, 3, ...: the same event in a further record (sent again)
    bool compensation = false;  ///< undoes something, or says that it could not
};
/// In the order of time; what one service says in one moment stays in the order of the topic.
[[nodiscard]] std::vector<TimelineEvent> events_of(const Timeline& timeline);

/// A step and whose it is.
struct TimelineEntry {
    OrderId order_id;
    TimelineStep step;
};

/// Port: timelines. Thread-safe.
class TimelineStore {
public:
    TimelineStore() = default;
    TimelineStore(const TimelineStore&) = delete;
    TimelineStore& operator=(const TimelineStore&) = delete;
    virtual ~TimelineStore() = default;

    /// Adds what is new, one row write an order; what is known changes nothing. Repeatable: after a failure some of it may
    /// have been added.
    [[nodiscard]] virtual Result<void> add(std::span<const TimelineEntry> entries) = 0;
    /// Empty when nothing is known of the order.
    [[nodiscard]] virtual Result<Timeline> find(const OrderId& id) = 0;
};

}  // namespace platform::order
