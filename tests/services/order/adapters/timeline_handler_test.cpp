#include "services/order/adapters/timeline_handler.hpp"

#include "services/order/adapters/timeline_record.hpp"
#include "tests/services/order/adapters/timeline_records.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace platform::order {
namespace {

/// Timelines in memory; can be told to fail.
class FakeTimelineStore final : public TimelineStore {
public:
    Result<void> add(std::span<const TimelineEntry> entries) override {
        if (broken) return fail(ErrorKind::Unavailable, "broken on purpose");
        for (const auto& entry : entries) (void)add_step(timelines[entry.order_id], entry.step);
        return {};
    }
    Result<Timeline> find(const OrderId& id) override { return timelines[id]; }
    std::map<OrderId, Timeline> timelines;
    bool broken = false;
};

TEST(TimelineHandlerTest, ReplaysChangeNothingAndNothingIsRefused) {
    FakeTimelineStore store;
    metrics::Registry registry{"test"};
    TimelineHandler handler(store, registry);
    kafka::Record broken = record_of(leg_event(order_id(1), 1, paid()), 9, false);
    broken.value = "no event";
    std::vector batch{
        record_of(leg_event(order_id(1), 1, paid()), 1),
        broken,
        record_of(leg_event(order_id(2), 2, declined()), 2),
        record_of(leg_event(order_id(1), 3, refunded()), 3)
    };
    std::ranges::for_each(batch, trim_for_timeline);
    ASSERT_TRUE(handler.apply(batch));
    const auto once = store.timelines;
    EXPECT_EQ(once.at(order_id(1)).steps.size(), 2U);
    EXPECT_EQ(once.at(order_id(2)).steps.size(), 1U);
    for (const auto& record : batch) ASSERT_TRUE(handler.apply({&record, 1}));
    for (const auto& [id, timeline] : store.timelines) EXPECT_EQ(timeline.steps, once.at(id).steps);
    store.broken = true;
    const auto failed = handler.apply(batch);
    ASSERT_FALSE(failed);
    EXPECT_TRUE(retryable(failed.error().kind));
    EXPECT_TRUE(handler.dead_letter(broken, failed.error()));
}

}  // namespace
}  // namespace platform::order
