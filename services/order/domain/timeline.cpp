#include "services/order/domain/timeline.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

namespace platform::order {
namespace {

auto place_of(const TimelineStep& step) {
    return std::tie(step.topic, step.partition, step.offset);
}

bool compensates(std::string_view type) {
    return type == "ORDER_CANCELLED" || type == "PAYMENT_REFUNDED" || type == "PAYMENT_VOIDED" ||
           type == "PAYMENT_REFUND_FAILED" || type == "INVENTORY_RELEASED";
}

}  // namespace

bool add_step(Timeline& timeline, const TimelineStep& step) {
    const bool known = std::ranges::any_of(timeline.steps, [&](const TimelineStep& one) {
        return place_of(one) == place_of(step);
    });
    if (known) return false;
    if (timeline.steps.size() >= kMaxTimelineSteps) {
        const bool first = !timeline.truncated;
        timeline.truncated = true;
        return first;
    }
    timeline.steps.push_back(step);
    return true;
}

std::vector<TimelineEvent> events_of(const Timeline& timeline) {
    std::vector<TimelineEvent> events;
    events.reserve(timeline.steps.size());
    for (const TimelineStep& step : timeline.steps)
        events.push_back({.step = step, .compensation = compensates(step.type)});
    std::ranges::sort(events, {}, [](const TimelineEvent& event) {
        return std::tuple(event.step.at, place_of(event.step));
    });
    std::map<std::string_view, std::set<Uuid>> told;  // event ids by type
    std::map<Uuid, int> delivered;
    for (TimelineEvent& event : events) {
        event.delivery = ++delivered[event.step.event_id];
        auto& ids = told[event.step.type];
        ids.insert(event.step.event_id);
        event.attempt = static_cast<int>(ids.size());
    }
    return events;
}

}  // namespace platform::order
