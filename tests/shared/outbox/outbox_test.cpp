#include "shared/outbox/outbox.hpp"

#include "shared/core/time_text.hpp"

#include "tests/shared/outbox/store_contract.hpp"

#include <gtest/gtest.h>
#include <map>

namespace platform::outbox {
namespace {

std::map<std::string, std::string> as_map(const kafka::Headers& headers) {
    std::map<std::string, std::string> map;
    for (const auto& [name, value] : headers) EXPECT_TRUE(map.emplace(name, value).second) << name << " twice";
    return map;
}

events::Event an_event() {
    return {
        .metadata =
            {.event_id = EventId{Uuid::of_name("event")},
             .correlation_id = "corr-1",
             .causation_id = std::nullopt,
             .occurred_at = parse_rfc3339("2026-11-22T10:00:00.5Z").value(),
             .source_service = "order-service"},
        .order_id = OrderId{Uuid::of_name("order")},
        .payload = events::OrderCreated{
            .user_id = "u", .product_id = "P-1", .quantity = 1, .price = {}, .amount = {}, .currency = "EUR"
        }
    };
}

TEST(ToRow, TellsTheEventAsACloudEvent) {
    const events::Event event = an_event();
    const OutboxRow row = to_row(event, "", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    EXPECT_EQ(row.id, Uuid::of_name("event"));
    EXPECT_EQ(row.record.topic, "order.events");
    EXPECT_EQ(row.record.key, event.order_id.text());
    EXPECT_EQ(row.record.value, events::encode(event));
    const std::map<std::string, std::string> expected{
        {"content-type", "application/json"},
        {"ce_specversion", "1.0"},
        {"ce_id", event.metadata.event_id.text()},
        {"ce_type", "ORDER_CREATED"},
        {"ce_source", "/order-service"},
        {"ce_time", "2026-11-22T10:00:00.500000Z"},
        {"ce_subject", event.order_id.text()},
        {"ce_correlationid", "corr-1"},
        {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
    };
    EXPECT_EQ(as_map(row.record.headers), expected);
}

TEST(ToRow, TakesAnotherTopicAndNoTrace) {
    const OutboxRow row = to_row(an_event(), "tenant.orders");
    EXPECT_EQ(row.record.topic, "tenant.orders");
    EXPECT_FALSE(as_map(row.record.headers).contains("traceparent"));
}

TEST(ToRow, AnEventOfAProductHasTheProductAsKey) {
    events::Event event = an_event();
    event.order_id = {};
    event.payload = events::StockLow{.product_id = "P-1", .available = 1, .low_mark = 2};
    const OutboxRow row = to_row(event, "");
    EXPECT_EQ(row.record.topic, "inventory.events");
    EXPECT_EQ(row.record.key, "P-1");
    EXPECT_EQ(as_map(row.record.headers).at("ce_subject"), "P-1");
}

TEST(ToDeadLetter, KeepsTheRecordAndSaysWhereItWasAndWhy) {
    using namespace std::string_literals;
    const kafka::Record record{
        .topic = "order.events",
        .partition = 2,
        .offset = 258,
        .timestamp_millis = 1,
        .key = "k",
        .value = "{\xFF",
        .headers = {{"ce_id", "1"}, {"kafka_dlt-original-topic", "older"}}
    };
    const Error why{.kind = ErrorKind::Invalid, .what = "not UTF-8"};
    const OutboxRow row = to_dead_letter(Uuid::of_name("letter"), record, "payment-service", ".DLT", why);
    EXPECT_EQ(row.id, Uuid::of_name("letter"));
    EXPECT_EQ(row.record.topic, "order.events.DLT");
    EXPECT_EQ(row.record.key, "k");
    EXPECT_EQ(row.record.value, "{\xFF");
    const std::map<std::string, std::string> expected{
        {"ce_id", "1"},
        {"kafka_dlt-original-topic", "order.events"},
        {"kafka_dlt-original-partition", "\0\0\0\2"s},
        {"kafka_dlt-original-offset", "\0\0\0\0\0\0\1\2"s},
        {"kafka_dlt-original-timestamp", "\0\0\0\0\0\0\0\1"s},
        {"kafka_dlt-original-consumer-group", "payment-service"},
        {"kafka_dlt-exception-message", "not UTF-8"}
    };
    EXPECT_EQ(as_map(row.record.headers), expected);
}

TEST(Bundle, NeighboursShareARowWithinTheBounds) {
    std::vector<OutboxRow> rows;
    for (std::size_t i = 0; i < kRecordsPerRow + 2; ++i) rows.push_back(row_named(std::to_string(i)));
    bundle(rows);
    for (std::size_t i = 0; i < kRecordsPerRow; ++i) EXPECT_EQ(rows[i].key(), rows[0].id);
    EXPECT_EQ(rows[kRecordsPerRow].key(), rows[kRecordsPerRow].id);
    EXPECT_EQ(rows[kRecordsPerRow + 1].key(), rows[kRecordsPerRow].id);
}

TEST(Bundle, ALargeRecordStandsAlone) {
    std::vector<OutboxRow> rows{row_named("a"), row_named("large"), row_named("c")};
    rows[1].record.value = std::string(kBytesPerRow, 'x');
    bundle(rows);
    for (const OutboxRow& row : rows) {
        EXPECT_TRUE(row.bundle.is_nil());
        EXPECT_EQ(row.key(), row.id);
    }
}

}  // namespace
}  // namespace platform::outbox
