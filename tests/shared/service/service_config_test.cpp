#include "shared/service/service_config.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace platform::service {
namespace {

using namespace std::chrono_literals;

const Defaults kDefaults{.name = "order-service", .http_port = 8081, .database = "orders_db", .pool_size = 8};

Settings read(std::map<std::string, std::string> environment) {
    environment.try_emplace("MYSQL_PASSWORD", "secret");
    const auto source = config::Source::of(std::move(environment));
    config::Reader reader(source);
    Settings settings = read_settings(reader, kDefaults);
    reader.finish();
    return settings;
}

std::string refusal(std::map<std::string, std::string> environment) {
    const auto source = config::Source::of(std::move(environment));
    config::Reader reader(source);
    (void)read_settings(reader, kDefaults);
    try {
        reader.finish();
    } catch (const config::SettingError& e) {
        return e.what();
    }
    return "";
}

TEST(ServiceConfigTest, OnlyThePasswordHasNoDefault) {
    const Settings settings = read({});
    EXPECT_EQ(settings.http.port, 8081);
    EXPECT_EQ(settings.mysql.database, "orders_db");
    EXPECT_EQ(settings.mysql.password, "secret");
    EXPECT_EQ(settings.mysql.pool_size, 8U);
    EXPECT_EQ(settings.kafka_group, "order-service");
    EXPECT_EQ(settings.topics.order, "order.events");
    EXPECT_FALSE(settings.migrate_on_start);
    EXPECT_EQ(settings.shutdown_budget, 20s);
    EXPECT_NE(refusal({}).find("MYSQL_PASSWORD"), std::string::npos);
}

TEST(ServiceConfigTest, MigratesWithTheSameUserUnlessThereIsAnother) {
    const Settings same = read({{"MYSQL_USER", "order"}});
    EXPECT_EQ(same.mysql_ddl.user, "order");
    EXPECT_EQ(same.mysql_ddl.password, "secret");
    const Settings other = read({{"MYSQL_DDL_USER", "owner"}, {"MYSQL_DDL_PASSWORD", "more"}});
    EXPECT_EQ(other.mysql.user, "order-service");
    EXPECT_EQ(other.mysql_ddl.user, "owner");
    EXPECT_EQ(other.mysql_ddl.password, "more");
    EXPECT_EQ(other.mysql_ddl.database, "orders_db");
}

TEST(ServiceConfigTest, EventsGoToTheTopicOfTheirKind) {
    const Settings settings = read({{"TOPIC_PAYMENT_EVENTS", "p"}, {"TOPIC_ORDER_EVENTS", "o"}});
    EXPECT_EQ(settings.topics.of(events::OrderCreated{}), "o");
    EXPECT_EQ(settings.topics.of(events::PaymentVoided{}), "p");
    EXPECT_EQ(settings.topics.of(events::InventoryReleased{}), "inventory.events");
    EXPECT_EQ(settings.topics.of(events::NotificationSent{}), "notification.events");
}

TEST(ServiceConfigTest, AGroupThatTheInboxCannotKeepIsRefused) {
    EXPECT_EQ(read({{"KAFKA_GROUP", std::string(64, 'g')}}).kafka_group.size(), 64U);
    EXPECT_THROW(read({{"KAFKA_GROUP", std::string(65, 'g')}}), config::SettingError);
    EXPECT_THROW(read({{"KAFKA_GROUP", ""}}), config::SettingError);
}

TEST(ServiceConfigTest, AHandledEventIsRememberedForDays) {
    EXPECT_EQ(read({}).inbox_retention, std::chrono::days(8));
    EXPECT_EQ(read({{"INBOX_RETENTION", "48h"}}).inbox_retention, 48h);
    EXPECT_THROW(read({{"INBOX_RETENTION", "1h"}}), config::SettingError);
}

TEST(ServiceConfigTest, AClaimThatNobodyServesEndsBeforeNewWorkIsRefused) {
    const Settings usual = read({});
    EXPECT_LT(2 * usual.kafka_message_timeout, usual.outbox_bound);
    EXPECT_THROW(read({{"KAFKA_MESSAGE_TIMEOUT", "15s"}, {"OUTBOX_BOUND", "30s"}}), config::SettingError);
    EXPECT_EQ(read({{"KAFKA_MESSAGE_TIMEOUT", "15s"}, {"OUTBOX_BOUND", "31s"}}).outbox_bound, 31s);
}

TEST(ServiceConfigTest, TheManagementPortIsBesideTheApi) {
    EXPECT_EQ(read({}).management.port, 8181);
    EXPECT_EQ(read({}).management.host, "127.0.0.1");
    EXPECT_EQ(read({{"HTTP_HOST", "0.0.0.0"}, {"HTTP_PORT", "0"}}).management.port, 0);
}

TEST(ServiceConfigTest, AWrongSettingIsNamed) {
    for (const auto& [name, value] : std::map<std::string, std::string>{
             {"HTTP_PORT", "65536"},
             {"MYSQL_POOL_SIZE", "1"},
             {"LOG_LEVEL", "loud"},
             {"SHUTDOWN_BUDGET", "never"}
         }) {
        EXPECT_NE(refusal({{"MYSQL_PASSWORD", "x"}, {name, value}}).find(name), std::string::npos) << name;
    }
}

}  // namespace
}  // namespace platform::service
