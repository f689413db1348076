#pragma once
#include "shared/events/events.hpp"
#include "shared/kafka/record.hpp"
#include "tests/services/service_database.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace platform::test {

/// A record as the consumer would read it.
inline kafka::Record record_of(std::string value, std::int64_t offset = 7) {
    return {
        .topic = "order.events",
        .partition = 2,
        .offset = offset,
        .timestamp_millis = 1'763'800'000'000,
        .key = "the key",
        .value = std::move(value),
        .headers = {{"ce_id", "some id"}}
    };
}
inline kafka::Record record_of(const events::Event& event, std::int64_t offset = 7) {
    return record_of(events::encode(event), offset);
}

/// An event that is well formed and of a type that only a later version knows.
inline std::string unknown_event(const std::string& id) {
    return R"({"metadata":{"eventId":")" + Uuid::of_name(id).text() +
           R"(","correlationId":"c-1","occurredAt":"2026-11-22T10:00:00Z","sourceService":"order-service","version":1},"orderId":")" +
           Uuid::of_name("order").text() + R"(","eventType":"ORDER_ARCHIVED","version":1})";
}

/// What every handler does with a record that can never be applied: it says so and changes nothing, then puts
/// the record on its way to the dead letter topic without marking it as handled.
template <class Handler>
void expect_dead_letter(Handler& handler, ServiceDatabase& database, const std::string& group) {
    const std::vector batch{record_of("{broken", 41)};
    const auto applied = handler.apply(batch);
    ASSERT_FALSE(applied.has_value());
    EXPECT_EQ(applied.error().kind, ErrorKind::Invalid);
    EXPECT_NE(applied.error().what.find("order.events/2@41"), std::string::npos) << applied.error().what;
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox"), 0);

    ASSERT_TRUE(handler.dead_letter(batch.front(), applied.error()));
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM outbox"), 1);
    EXPECT_EQ(database.number("SELECT COUNT(*) FROM inbox"), 0)
        << "a redrive is handled like any other record";
    const auto taken = database.producer.taken();
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(taken[0].topic, "order.events.DLT");
    EXPECT_EQ(taken[0].key, "the key");
    EXPECT_EQ(taken[0].value, "{broken");
    const std::map<std::string, std::string> headers(taken[0].headers.begin(), taken[0].headers.end());
    EXPECT_EQ(headers.at("ce_id"), "some id");
    EXPECT_EQ(headers.at("kafka_dlt-original-topic"), "order.events");
    EXPECT_EQ(headers.at("kafka_dlt-original-partition"), std::string("\0\0\0\x02", 4));
    EXPECT_EQ(headers.at("kafka_dlt-original-offset"), std::string("\0\0\0\0\0\0\0\x29", 8));
    EXPECT_EQ(headers.at("kafka_dlt-original-consumer-group"), group);
    EXPECT_FALSE(headers.at("kafka_dlt-exception-message").empty());
}

}  // namespace platform::test
