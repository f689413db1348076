#include "operator/reconcile/kafka_rights.hpp"

#include "operator/reconcile/desired.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace platform::reconcile {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

KafkaUserWanted user(const std::string& name) {
    const auto users = kafka_users();
    const auto found = std::ranges::find(users, name, &KafkaUserWanted::name);
    return found == users.end() ? KafkaUserWanted{} : *found;
}

TEST(KafkaRights, EachServiceHasItsTopicsAndItsGroups) {
    EXPECT_EQ(kafka_users().size(), 4U);
    const auto payment = user("payment");
    EXPECT_EQ(payment.secret, "payment-kafka");
    EXPECT_THAT(payment.reads, UnorderedElementsAre("order.events", "order.events.DLT"));
    EXPECT_THAT(payment.writes, UnorderedElementsAre("payment.events", "order.events", "order.events.DLT"));
    EXPECT_THAT(payment.groups, ElementsAre("payment-service", "payment-service-redrive"));

    const auto order = user("order");
    EXPECT_THAT(
        order.reads,
        UnorderedElementsAre(
            "order.events", "payment.events", "inventory.events", "notification.events", "payment.events.DLT", "inventory.events.DLT"
        )
    );
    EXPECT_THAT(order.groups, ElementsAre("order-service", "order-service-redrive", "order-timeline", "order-timeline-redrive"));

    EXPECT_THAT(user("notification").writes, testing::Contains("notification.events"));
    EXPECT_THAT(user("notification").reads, testing::Not(testing::Contains("inventory.events")));
}

TEST(KafkaRights, EveryServiceWithEventsHasAUserAndOnlyTopicsThatExist) {
    const auto desired = desired_state({}, {}, {});
    for (const ServiceFacts& service : service_facts()) {
        EXPECT_EQ(user(std::string(service.name)).name.empty(), !service.uses_kafka) << service.name;
    }
    for (const auto& one : kafka_users()) {
        for (const auto* topics : {&one.reads, &one.writes}) {
            for (const auto& topic : *topics) {
                EXPECT_TRUE(std::ranges::contains(desired.topics, topic, &TopicWanted::name)) << one.name << " " << topic;
            }
        }
    }
}

}  // namespace
}  // namespace platform::reconcile
