#include "services/order/adapters/timeline_record.hpp"

#include "tests/services/order/adapters/timeline_records.hpp"

#include <gtest/gtest.h>

#include <string>

namespace platform::order {
namespace {

TEST(TimelineRecordTest, HeadersAndValueSayTheSame) {
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

TEST(TimelineRecordTest, WhatTellsOfNoOrderIsPassedOver) {
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

TEST(TimelineRecordTest, ATrimmedRecordSaysTheSame) {
    for (const bool with_headers : {true, false}) {
        kafka::Record record = record_of(leg_event(order_id(1), 1, paid()), 7, with_headers);
        record.headers.emplace_back("of_another", "no interest");
        const auto whole = timeline_entry(record);
        ASSERT_TRUE(whole);
        trim_for_timeline(record);
        EXPECT_EQ(record.key.capacity(), std::string{}.capacity()) << "the memory is given back";
        EXPECT_EQ(record.headers.capacity(), 0U);
        EXPECT_LT(record.value.capacity(), 200U);
        EXPECT_EQ(trimmed_order_id(record), order_id(1));
        const auto trimmed = trimmed_entry(record);
        EXPECT_EQ(trimmed.order_id, whole->order_id);
        EXPECT_EQ(trimmed.step, whole->step);
    }
}

TEST(TimelineRecordTest, NobodysBytesAreTakenForATrimmedRecord) {
    kafka::Record trimmed = record_of(leg_event(order_id(1), 1, paid()), 7);
    trim_for_timeline(trimmed);
    kafka::Record forged = trimmed;
    trim_for_timeline(forged);
    EXPECT_FALSE(trimmed_order_id(forged));
    EXPECT_TRUE(forged.value.empty());
}

}  // namespace
}  // namespace platform::order
