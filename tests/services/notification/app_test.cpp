#include "services/notification/app.hpp"

#include "tests/services/kafka_topics.hpp"
#include "tests/services/notification/messages.hpp"
#include "tests/services/notification/smtp_sink.hpp"
#include "tests/services/order_records.hpp"
#include "tests/services/running_service.hpp"

#include <set>
#include <sstream>
#include <string>
#include <string_view>

namespace platform::notification {
namespace {

events::Event completed(const OrderId& order, int number) {
    return event_of(
        order,
        number,
        events::OrderCompleted{.user_id = "user-1", .amount = Money::of_units(1), .currency = "EUR"}
    );
}

/// The state of the only notification of an order, "" while there is none.
std::string state_of(test::RunningService& service, const OrderId& order) {
    const auto parsed = json::parse(service.get("/api/notifications?orderId=" + order.text()).body);
    const auto& items = parsed->find("items")->items();
    return items.empty() ? ""
                         : items.front().find("state")->text() + " " + items.front().find("attempts")->text();
}

std::int64_t number(const mysql::Options& database, const std::string& query) {
    auto session = mysql::Session::connect(database).value();
    return session->query(mysql::Sql(query)).value().front().integer(0);
}

/// Records that this process has applied.
int applied(test::RunningService& service) {
    constexpr std::string_view kName = "kafka_listener_records_total{";
    std::istringstream lines(service.runtime().metrics().scrape());
    double count = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(kName) && line.contains("result=\"applied\"")) count += std::stod(line.substr(line.rfind(' ')));
    }
    return static_cast<int>(count);
}

/// The Message-IDs in mails, each as often as it came.
std::multiset<std::string> message_ids(const test::SmtpSink& sink) {
    std::multiset<std::string> ids;
    for (const auto& mail : sink.mails()) {
        const auto begin = mail.text.find("Message-ID: <");
        ids.insert(mail.text.substr(begin, mail.text.find('>', begin) - begin));
    }
    return ids;
}

/// The whole service between a real MySQL, a real Kafka and a real mail server.
TEST(NotificationApp, MailsOnceAndGoesOnAfterBadRecords) {
    test::KafkaTopics topics;
    const test::SmtpSink sink;
    const auto order = order_named("a");
    topics.send(topics.order, completed(order, 1));
    topics.send(topics.order, "key", "\x01");
    topics.send(topics.order, completed(order, 1));
    topics.send(topics.order, order.text(), test::unknown_event("2"));
    topics.send(
        topics.payment,
        event_of(
            order_named("b"),
            3,
            events::PaymentFailed{.code = {}, .reason = "declined", .user_id = "b@example.org"}
        )
    );
    auto settings = topics.settings();
    settings["SMTP_URL"] = sink.url();
    settings["NOTIFICATION_RECIPIENT"] = "all@example.org";
    const test::RunningService service{program(), test::MysqlServer::instance().fresh_database(), settings};
    EXPECT_EQ(
        test::types_of(topics.wait_for(topics.notification, 2)),
        (std::vector<std::string>(2, "NOTIFICATION_SENT"))
    );
    EXPECT_EQ(topics.wait_for(topics.order + ".DLT", 1).at(0).value, "\x01");
    const auto mails = sink.mails();
    ASSERT_EQ(mails.size(), 2U);
    std::set<std::string> recipients;
    for (const auto& mail : mails) recipients.insert(mail.to);
    EXPECT_EQ(recipients, (std::set<std::string>{"<all@example.org>", "<b@example.org>"}));
    const auto& mail = mails[0].to == "<all@example.org>" ? mails[0] : mails[1];
    EXPECT_NE(
        mail.text.find(
            "\r\nMessage-ID: <" + order.text() + ".order-completed.email@orderplatform.local>\r\n"
        ),
        std::string::npos
    ) << mail.text;
}

TEST(NotificationApp, AMailServerThatIsAwayLosesNothingAndStopsNothing) {
    test::KafkaTopics topics;
    test::SmtpSink sink;
    sink.answer("RCPT", "451 not now");
    auto settings = topics.settings();
    settings["SMTP_URL"] = sink.url();
    const auto database = test::MysqlServer::instance().fresh_database();
    const auto a = order_named("a");
    const auto b = order_named("b");
    {
        test::RunningService service{program(), database, settings};
        topics.send(topics.order, completed(a, 1));
        const auto was_tried = [&](const OrderId& order) {
            const auto state = state_of(service, order);
            return state.starts_with("PENDING") && state != "PENDING 0";
        };
        EXPECT_TRUE(test::wait_until([&] { return was_tried(a); }, std::chrono::seconds(60)));
        topics.send(topics.order, completed(b, 2));
        EXPECT_TRUE(test::wait_until([&] { return was_tried(b); }, std::chrono::seconds(60)))
            << "the topic goes on";
    }
    EXPECT_TRUE(sink.mails().empty());
    sink.behave();
    test::RunningService service{program(), database, settings};
    EXPECT_TRUE(test::wait_until(
        [&] { return state_of(service, a).starts_with("SENT") && state_of(service, b).starts_with("SENT"); },
        std::chrono::seconds(100)
    )) << state_of(service, a)
       << ", " << state_of(service, b);
    EXPECT_EQ(sink.mails().size(), 2U) << "each one once";
}

TEST(NotificationApp, AMailServerThatHangsStopsNothingAndGetsEachMailOnce) {
    constexpr int kOrders = 50;
    test::KafkaTopics topics;
    test::SmtpSink sink;
    sink.hang_at("");
    auto settings = topics.settings();
    settings["SMTP_URL"] = sink.url();
    settings["SMTP_TIMEOUT"] = "300ms";
    const auto database = test::MysqlServer::instance().fresh_database();
    test::RunningService service{program(), database, settings};
    for (int i = 0; i < kOrders; ++i) topics.send(topics.order, completed(order_named(std::to_string(i)), i));
    const auto lag_is_gone = [&] {
        std::istringstream lines(service.runtime().metrics().scrape());
        int partitions = 0;
        for (std::string line; std::getline(lines, line);) {
            if (!line.starts_with("kafka_consumer_fetch_manager_records_lag{")) continue;
            if (!line.ends_with(" 0")) return false;
            ++partitions;
        }
        return partitions > 0;
    };
    EXPECT_TRUE(test::wait_until(
        [&] { return number(database, "SELECT COUNT(*) FROM notifications WHERE state = 'PENDING'") == kOrders && lag_is_gone(); },
        std::chrono::seconds(60)
    )) << "the topic waits for the mail server";
    EXPECT_TRUE(sink.mails().empty());
    sink.behave();
    sink.close_connections();
    EXPECT_TRUE(test::wait_until(
        [&] { return number(database, "SELECT COUNT(*) FROM notifications WHERE state = 'SENT'") == kOrders; }, std::chrono::seconds(60)
    ));
    const auto ids = message_ids(sink);
    EXPECT_EQ(ids.size(), static_cast<std::size_t>(kOrders));
    EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), ids.size()) << "each one once";
}

TEST(NotificationApp, AReplayOfAllTopicsTellsNothing) {
    constexpr int kOrders = 20;
    test::KafkaTopics topics;
    const test::SmtpSink sink;
    auto settings = topics.settings();
    settings["SMTP_URL"] = sink.url();
    const auto database = test::MysqlServer::instance().fresh_database();
    {
        const test::RunningService service{program(), database, settings};
        for (int i = 0; i < kOrders; ++i) topics.send(topics.order, completed(order_named(std::to_string(i)), i));
        (void)topics.wait_for(topics.notification, kOrders);
    }
    ASSERT_EQ(sink.mails().size(), static_cast<std::size_t>(kOrders));
    // A group that nobody knows reads from offset 0. All customers have changed their minds meanwhile.
    ASSERT_TRUE(mysql::Session::connect(database).value()->execute(
        mysql::Sql("INSERT INTO preferences (user_id, email, channels, opt_out) VALUES ('user-1', '', 'log,email', FALSE)")
    ));
    settings["KAFKA_GROUP"] = topics.order + ".again";
    test::RunningService service{program(), database, settings};
    EXPECT_TRUE(test::wait_until([&] { return applied(service) == kOrders; }, std::chrono::seconds(60))) << "all of it was read again";
    EXPECT_EQ(number(database, "SELECT COUNT(*) FROM notifications"), kOrders);
    EXPECT_EQ(number(database, "SELECT COUNT(*) FROM notifications WHERE state <> 'SENT'"), 0);
    EXPECT_EQ(sink.mails().size(), static_cast<std::size_t>(kOrders));
}

}  // namespace
}  // namespace platform::notification
