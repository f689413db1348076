#include "services/order/adapters/timeline_handler.hpp"

#include "shared/outbox/outbox.hpp"
#include "tests/services/order/orders.hpp"

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

kafka::Record record_of(const events::Event& event, std::int64_t offset, bool with_headers = true) {
    const auto row = outbox::to_row(event, "payment.events", "00-" + std::string(32, 'b') + "-" + std::string(16, 'c') + "-01");
    kafka::Record record{
        .topic = row.record.topic,
        .partition = 2,
        .offset = offset,
        .timestamp_millis = 1,
        .key = row.record.key,
        .value = row.record.value,
        .headers = {}
    };
    if (with_headers) record.headers = row.record.headers;
    return record;
}

TEST(TimelineHandlerTest, HeadersAndValueSayTheSame) {
    const auto event = leg_event(order_id(1), 1, paid(), WallTime{std::chrono::seconds(3)});
    const auto by_headers = timeline_entry(record_of(event, 7));
    const auto by_value = timeline_entry(record_of(event, 7, false));
    ASSERT_TRUE(by_headers);
    ASSERT_TRUE(by_value);
    EXPECT_EQ(by_headers->order_id, order_id(1));
    EXPECT_EQ(by_headers->step.type, "PAYMENT_COMPLETED");
    EXPECT_EQ(by_headers->step.service, "test");
    EXPECT_EQ(by_headers->step.at, event.metadata.occurred_at);
    EXPECT_EQ(by_headers->step.event_id, event.metadata.event_id.uuid);
    EXPECT_EQ(by_headers->step.topic, "payment.events");
    EXPECT_EQ(by_headers->step.partition, 2);
    EXPECT_EQ(by_headers->step.offset, 7);
    EXPECT_EQ(by_headers->step.correlation_id, "correlation-1");
    EXPECT_EQ(by_headers->step.trace_id, std::string(32, 'b'));
    TimelineStep same = by_value->step;
    same.trace_id = by_headers->step.trace_id;
    EXPECT_EQ(same, by_headers->step);
}

TEST(TimelineHandlerTest, WhatTellsOfNoOrderIsPassedOver) {
    kafka::Record record = record_of(leg_event(order_id(1), 1, paid()), 1);
    record.value = "{broken";
    EXPECT_TRUE(timeline_entry(record)) << "its headers are enough";
    record.headers.clear();
    EXPECT_FALSE(timeline_entry(record));
    record = record_of(leg_event(order_id(1), 1, paid()), 1);
    for (auto& [name, value] : record.headers) {
        if (name == "ce_type") value = std::string(65, 'X');
    }
    ASSERT_TRUE(timeline_entry(record)) << "the value is read instead";
    EXPECT_EQ(timeline_entry(record)->step.type, "PAYMENT_COMPLETED");
    for (auto& [name, value] : record.headers) {
        if (name == "ce_type") value = "STOCK_LOW";
    }
    record.value = "{}";
    EXPECT_FALSE(timeline_entry(record)) << "its key is a product, even if it looks like an order";
}

TEST(TimelineHandlerTest, ATrimmedRecordSaysTheSame) {
    for (const bool with_headers : {true, false}) {
        kafka::Record record = record_of(leg_event(order_id(1), 1, paid()), 7, with_headers);
        record.headers.emplace_back("of_another", "no interest");
        const auto whole = timeline_entry(record);
        ASSERT_TRUE(whole);
        trim_for_timeline(record);
        EXPECT_EQ(record.value.empty(), with_headers) << "without headers the value is what is read";
        const auto trimmed = timeline_entry(record);
        ASSERT_TRUE(trimmed);
        EXPECT_EQ(trimmed->order_id, whole->order_id);
        EXPECT_EQ(trimmed->step, whole->step);
        const auto strange = [](const auto& header) { return header.first == "of_another"; };
        EXPECT_EQ(std::ranges::any_of(record.headers, strange), !with_headers);
    }
}

TEST(TimelineHandlerTest, ReplaysChangeNothingAndNothingIsRefused) {
    FakeTimelineStore store;
    metrics::Registry registry{"test"};
    TimelineHandler handler(store, registry);
    kafka::Record broken = record_of(leg_event(order_id(1), 1, paid()), 9, false);
    broken.value = "no event";
    const std::vector batch{
        record_of(leg_event(order_id(1), 1, paid()), 1),
        broken,
        record_of(leg_event(order_id(2), 2, declined()), 2),
        record_of(leg_event(order_id(1), 3, refunded()), 3)
    };
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
