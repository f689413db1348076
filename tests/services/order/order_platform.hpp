#pragma once
#include "services/order/app.hpp"
#include "shared/core/json.hpp"
#include "shared/kafka/consumer.hpp"
#include "shared/kafka/producer.hpp"
#include "shared/telemetry/metrics.hpp"
#include "tests/backends/kafka_broker.hpp"
#include "tests/backends/mysql_server.hpp"
#include "tests/backends/wait.hpp"
#include "tests/services/order/orders.hpp"
#include "tests/shared/service/live_service.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace platform::order {

/// A database and topics of its own for an order service, and both ends of the topics in the test's hands.
class OrderPlatform {
public:
    OrderPlatform() {
        auto& broker = test::KafkaBroker::instance();
        for (const char* topic : {"order", "payment", "inventory", "notification"}) {
            topics[topic] = broker.fresh_topic(topic, 2);
            broker.create_topic(topics[topic] + ".DLT", 2);
        }
        environment = test::service_environment(database, broker.bootstrap_servers());
        environment["TOPIC_ORDER_EVENTS"] = topics["order"];
        environment["TOPIC_PAYMENT_EVENTS"] = topics["payment"];
        environment["TOPIC_INVENTORY_EVENTS"] = topics["inventory"];
        environment["TOPIC_NOTIFICATION_EVENTS"] = topics["notification"];
        environment["TIMELINE_PACE"] = "50ms";
        producer = kafka::make_producer(
            {.bootstrap_servers = broker.bootstrap_servers(), .client_id = "test", .extra = {}},
            topics["payment"],
            registry
        );
        producer->on_delivery([](kafka::Producer::Token, const Result<void>& fate) { EXPECT_TRUE(fate); });
        tap = kafka::make_consumer(
            {.bootstrap_servers = broker.bootstrap_servers(),
             .client_id = "tap",
             .group = broker.fresh_name("tap"),
             .topics = {topics["order"], topics["payment"] + ".DLT"},
             .extra = {}},
            registry
        );
    }

    /// What payment or inventory would say.
    void say(const events::Event& event) {
        const bool payment = events::type_name(event.payload).starts_with("PAYMENT_");
        send(payment ? "payment" : "inventory", event.order_id.text(), events::encode(event));
    }
    void send(const std::string& topic, const std::string& key, const std::string& value) {
        const auto sent =
            producer->send({.topic = topics[topic], .key = key, .value = value, .headers = {}}, 1);
        EXPECT_TRUE(sent);
    }

    /// Reads what the service sends until `enough` holds.
    [[nodiscard]] bool heard(const std::function<bool()>& enough, Duration limit = std::chrono::seconds(30)) {
        return test::wait_until(
            [&] {
                auto polled = tap->poll(500, std::chrono::milliseconds(20));
                if (polled) {
                    for (auto& record : *polled) records.push_back(std::move(record));
                }
                return enough();
            },
            limit
        );
    }
    /// The events of one type that were heard, of one order or of all.
    [[nodiscard]] std::vector<events::Event> events_of(std::string_view type, const std::string& order = "")
        const {
        std::vector<events::Event> found;
        for (const auto& record : records) {
            auto decoded = events::decode(record.value);
            if (!decoded || !std::holds_alternative<events::Event>(*decoded)) continue;
            auto& event = std::get<events::Event>(*decoded);
            const bool wanted = order.empty() || event.order_id.text() == order;
            if (wanted && events::type_name(event.payload) == type) found.push_back(std::move(event));
        }
        return found;
    }

    [[nodiscard]] std::int64_t number(const std::string& query) const {
        auto session = mysql::Session::connect(database);
        if (!session) throw std::runtime_error(session.error().what);
        return (*session)->query(mysql::Sql(query)).value().front().integer(0);
    }

    metrics::Registry registry{"test"};
    mysql::Options database = test::MysqlServer::instance().fresh_database();
    std::map<std::string, std::string> topics;
    std::map<std::string, std::string> environment;
    std::unique_ptr<kafka::Producer> producer;
    std::unique_ptr<kafka::Consumer> tap;
    std::vector<kafka::Record> records;
};

inline constexpr std::string_view kReferenceOrder = R"({"productId":"P-1001","quantity":1,"price":199.99})";

inline http::ClientRequest
post(std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
    headers.emplace_back("Content-Type", "application/json");
    http::ClientRequest request;
    request.method = "POST";
    request.url = "/api/orders";
    request.headers = std::move(headers);
    request.body = std::move(body);
    return request;
}

/// A text member of a JSON answer, "" when there is none.
inline std::string member(const http::ClientResponse& response, std::string_view name) {
    const auto body = json::parse(response.body);
    const auto* value = body ? body->find(name) : nullptr;
    return value == nullptr ? "" : value->text();
}

/// The whole service with its platform, ready.
class OrderServiceTest : public testing::Test {
protected:
    void start(const std::map<std::string, std::string>& more = {}) {
        for (const auto& [name, value] : more) platform_.environment[name] = value;
        service_ = std::make_unique<test::LiveService>(program(), platform_.environment);
        ASSERT_TRUE(test::wait_until([&] { return service_->ready(); }));
    }
    std::string place(std::vector<std::pair<std::string, std::string>> headers = {}) {
        const auto answer = service_->send(post(std::string(kReferenceOrder), std::move(headers)));
        EXPECT_EQ(answer.status, 202) << answer.body;
        return member(answer, "orderId");
    }
    bool becomes(const std::string& order, const std::string& saga_state) {
        return test::wait_until([&] {
            return member(service_->get("/api/orders/" + order), "sagaState") == saga_state;
        });
    }

    OrderPlatform platform_;
    std::unique_ptr<test::LiveService> service_;
};

}  // namespace platform::order
