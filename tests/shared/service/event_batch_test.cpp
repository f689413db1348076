#include "shared/service/event_batch.hpp"

#include "shared/outbox/inbox.hpp"
#include "tests/services/order_records.hpp"

#include <gtest/gtest.h>

namespace platform::service {
namespace {

events::Event event_named(const std::string& name) {
    return {
        .metadata =
            {.event_id = EventId{Uuid::of_name(name)},
             .correlation_id = "c-1",
             .causation_id = std::nullopt,
             .occurred_at = WallTime{},
             .source_service = "payment-service",
             .version = events::kVersion},
        .order_id = OrderId{Uuid::of_name("order")},
        .payload = events::PaymentVoided{},
    };
}

TEST(DecodeBatch, GivesTheEventsInTheirOrder) {
    const std::vector batch{test::record_of(event_named("b"), 1), test::record_of(event_named("a"), 2)};
    const auto events = decode_batch(batch);
    ASSERT_TRUE(events.has_value()) << events.error().what;
    ASSERT_EQ(events->size(), 2U);
    EXPECT_EQ(events->at(0).metadata.event_id, event_named("b").metadata.event_id);
    EXPECT_EQ(events->at(1).metadata.event_id, event_named("a").metadata.event_id);
    EXPECT_TRUE(decode_batch({})->empty());
}

TEST(DecodeBatch, GivesEachEventTheTraceOfItsRecord) {
    const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    std::vector batch{test::record_of(event_named("a"), 1), test::record_of(event_named("b"), 2), test::record_of(event_named("c"), 3)};
    batch[0].headers.emplace_back("traceparent", trace);
    batch[1].headers.emplace_back("traceparent", "garbage");
    const auto events = decode_batch(batch);
    ASSERT_TRUE(events.has_value());
    EXPECT_EQ(events->at(0).metadata.traceparent, trace);
    EXPECT_EQ(events->at(1).metadata.traceparent, "");
    EXPECT_EQ(events->at(2).metadata.traceparent, "");
}

TEST(DecodeBatch, LeavesOutTypesOfLaterVersions) {
    const std::vector batch{
        test::record_of(test::unknown_event("1"), 1), test::record_of(event_named("a"), 2)
    };
    EXPECT_EQ(decode_batch(batch)->size(), 1U);
}

TEST(DecodeBatch, NamesTheRecordThatIsNoEvent) {
    for (const std::string bad : {"", "{", "null", "{}", "\xff", R"({"metadata":{},"orderId":1})"}) {
        SCOPED_TRACE(bad);
        const std::vector batch{test::record_of(event_named("a"), 41), test::record_of(bad, 42)};
        const auto events = decode_batch(batch);
        ASSERT_FALSE(events.has_value());
        EXPECT_EQ(events.error().kind, ErrorKind::Invalid) << "or the consumer would try it again for ever";
        EXPECT_TRUE(events.error().what.starts_with("order.events/2@42: ")) << events.error().what;
    }
}

class DeadLettersTest : public testing::Test {
protected:
    test::ServiceDatabase database_{
        {{.version = 1, .name = "tables", .statements = outbox::table_statements()}}
    };
    UuidGenerator ids_{database_.clock};
    DeadLetters dead_letters_{"the-group", ".DLT", database_.pool, database_.relay, ids_};
    const Error why_{.kind = ErrorKind::Invalid, .what = "not an object"};
};

TEST_F(DeadLettersTest, StoreTheRecordAsItWasWithWhereItCameFrom) {
    const auto record = test::record_of(std::string("\x00\xff bytes", 8), 513);
    ASSERT_TRUE(dead_letters_.store(record, why_));
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM outbox"), 1)
        << "durable, before the offset is committed";
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM inbox"), 0);
    const auto taken = database_.producer.taken();
    ASSERT_EQ(taken.size(), 1U) << "handed to the relay";
    EXPECT_EQ(taken[0].topic, "order.events.DLT");
    EXPECT_EQ(taken[0].key, record.key);
    EXPECT_EQ(taken[0].value, record.value);
    const std::map<std::string, std::string> headers(taken[0].headers.begin(), taken[0].headers.end());
    EXPECT_EQ(headers.at("ce_id"), "some id");
    EXPECT_EQ(headers.at("kafka_dlt-original-topic"), "order.events");
    EXPECT_EQ(headers.at("kafka_dlt-original-offset"), std::string("\0\0\0\0\0\0\x02\x01", 8));
    EXPECT_EQ(headers.at("kafka_dlt-original-consumer-group"), "the-group");
    EXPECT_EQ(headers.at("kafka_dlt-exception-message"), "not an object");
}

TEST_F(DeadLettersTest, TheSameRecordAgainIsARowOfItsOwn) {
    ASSERT_TRUE(dead_letters_.store(test::record_of("{"), why_));
    ASSERT_TRUE(dead_letters_.store(test::record_of("{"), why_));
    EXPECT_EQ(database_.number("SELECT COUNT(DISTINCT id) FROM outbox"), 2);
}

TEST_F(DeadLettersTest, ARedrivenRecordIsNotTakenForHandled) {
    const auto event = event_named("a");
    ASSERT_TRUE(dead_letters_.store(test::record_of(event), why_));
    auto session = database_.pool.acquire().value();
    auto transaction = mysql::Transaction::begin(*session).value();
    const auto fresh = outbox::admit(*session, "the-group", std::vector{event.metadata.event_id.uuid});
    EXPECT_EQ(fresh->size(), 1U);
}

TEST_F(DeadLettersTest, WhatCannotBeStoredIsSaid) {
    database_.refuse_events(true);
    EXPECT_FALSE(dead_letters_.store(test::record_of("{"), why_)) << "the record stays where it is";
    EXPECT_TRUE(database_.producer.taken().empty());
    mysql::Options nowhere;
    nowhere.port = 1;
    mysql::Pool pool("nowhere", nowhere, database_.clock, database_.registry);
    DeadLetters lost{"the-group", ".DLT", pool, database_.relay, ids_};
    EXPECT_EQ(lost.store(test::record_of("{"), why_).error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace platform::service
