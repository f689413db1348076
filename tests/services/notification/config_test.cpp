#include "services/notification/config.hpp"

#include "services/notification/app.hpp"
#include "tests/services/running_service.hpp"

#include <algorithm>

namespace platform::notification {
namespace {

using namespace std::chrono_literals;

Config config_of(test::Settings settings) {
    const auto source = config::Source::of(std::move(settings));
    config::Reader reader(source);
    auto read = read_config(reader);
    reader.finish();
    return read;
}

TEST(NotificationConfig, WritesToTheLogUnlessThereIsAServer) {
    const auto read = config_of({});
    EXPECT_EQ(read.channel.name, "log");
    EXPECT_EQ(read.channel.recipient, "customer@orderplatform.local");
    EXPECT_EQ(read.sender.max_attempts, 20);
    EXPECT_TRUE(read.announcer.emit_events);
    EXPECT_EQ(config_of({{"SMTP_URL", "smtp://mail:25"}}).channel.name, "email");
    EXPECT_EQ(config_of({{"SMTP_URL", "smtps://mail.example.org"}}).smtp.url, "smtps://mail.example.org");
}

TEST(NotificationConfig, ReadsWhatIsSet) {
    const auto read = config_of({
        {"SMTP_URL", "smtp://mail:25"},
        {"SMTP_USER", "shop"},
        {"SMTP_PASSWORD", "hunter2"},
        {"SMTP_FROM", "shop@example.org"},
        {"SMTP_TIMEOUT", "1m"},
        {"NOTIFICATION_RECIPIENT", ""},
        {"NOTIFICATION_DOMAIN", "shop.example"},
        {"NOTIFICATION_MAX_ATTEMPTS", "3"},
        {"NOTIFICATION_EVENTS", "no"},
    });
    EXPECT_EQ(read.smtp.user, "shop");
    EXPECT_EQ(read.smtp.password, "hunter2");
    EXPECT_EQ(read.smtp.from, "shop@example.org");
    EXPECT_EQ(read.smtp.timeout, 1min);
    EXPECT_EQ(read.channel.recipient, "");
    EXPECT_EQ(read.channel.domain, "shop.example");
    EXPECT_EQ(read.sender.max_attempts, 3);
    EXPECT_FALSE(read.announcer.emit_events);
    EXPECT_EQ(read.sender.lease, 4min) << "one mail may take a quarter of it";
    EXPECT_EQ(config_of({}).sender.lease, 60s);
}

TEST(NotificationConfig, NamesEveryWrongSetting) {
    for (const auto& [name, value] : {
             std::pair{"SMTP_URL", std::string("mail:25")},
             std::pair{"SMTP_URL", std::string("http://mail")},
             std::pair{"SMTP_URL", std::string("smtp://")},
             std::pair{"SMTP_URL", std::string("smtp://shop:hunter2@mail")},
             std::pair{"SMTP_FROM", std::string("the shop")},
             std::pair{"SMTP_FROM", std::string("")},
             std::pair{"SMTP_FROM", std::string("a@b>")},
             std::pair{"SMTP_TIMEOUT", std::string("0")},
             std::pair{"SMTP_TIMEOUT", std::string("1h")},
             std::pair{"NOTIFICATION_RECIPIENT", std::string("everybody")},
             std::pair{"NOTIFICATION_RECIPIENT", "a@" + std::string(300, 'b')},
             std::pair{"NOTIFICATION_DOMAIN", std::string("")},
             std::pair{"NOTIFICATION_DOMAIN", std::string("shop example")},
             std::pair{"NOTIFICATION_DOMAIN", std::string(129, 'd')},
             std::pair{"NOTIFICATION_MAX_ATTEMPTS", std::string("0")},
             std::pair{"NOTIFICATION_EVENTS", std::string("perhaps")},
             std::pair{"TEMPLATE_ORDER_COMPLETED_SUBJECT", std::string("Order {orderID}")},
             std::pair{"TEMPLATE_PAYMENT_FAILED_BODY", std::string("{amount}")},
             std::pair{"TEMPLATE_ORDER_CANCELLED_BODY", std::string("a } b")},
         }) {
        const auto fault = test::fault_of(read_config, {{name, value}});
        EXPECT_TRUE(fault.starts_with(std::string(name) + ": "))
            << name << "=" << value << " gives: " << fault;
        EXPECT_EQ(fault.find("hunter2"), std::string::npos);
    }
}

TEST(NotificationConfig, EveryKindHasATemplateThatCanBeSet) {
    const auto read = config_of({{"TEMPLATE_ORDER_COMPLETED_SUBJECT", "{orderId} is {amount}"}, {"TEMPLATE_ORDER_COMPLETED_BODY", ""}});
    EXPECT_EQ(read.templates.size(), kinds().size());
    const auto& [subject, body] = read.templates.at("order-completed");
    EXPECT_EQ(subject.render({{"orderId", "o"}, {"amount", "1.00"}}, 255), "o is 1.00");
    EXPECT_EQ(body.render({}, 255), "");
    EXPECT_EQ(read.templates.at("payment-failed").body.render({{"reason", "r"}}, 255), "Your payment was not accepted: r");
}

TEST(NotificationConfig, AnUnknownPlaceholderIsNamedWithThoseThatThereAre) {
    const auto fault = test::fault_of(read_config, {{"TEMPLATE_PAYMENT_FAILED_BODY", "{amount}"}});
    EXPECT_EQ(fault, "TEMPLATE_PAYMENT_FAILED_BODY: unknown placeholder {amount}; it knows {orderId} {userId} {reason}");
}

TEST(NotificationConfig, AWrongSettingEndsTheProgramWithOneLine) {
    for (const auto* name : {"SMTP_URL", "SMTP_TIMEOUT", "TEMPLATE_ORDER_COMPLETED_BODY"}) {
        const auto ending = test::run_with(program(), name, "{nonsense}");
        EXPECT_EQ(ending.code, 1);
        EXPECT_TRUE(ending.said.starts_with("error: " + std::string(name) + ": ")) << ending.said;
        EXPECT_EQ(std::ranges::count(ending.said, '\n'), 1) << ending.said;
    }
}

}  // namespace
}  // namespace platform::notification
