#include "services/notification/domain/message.hpp"

#include "tests/services/notification/messages.hpp"

#include <gtest/gtest.h>

#include <array>

namespace platform::notification {
namespace {

const Channel kMail{.name = std::string(kEmail), .recipient = "all@shop.example", .domain = "shop.example"};

Notice notice_for(const std::string& user) {
    return {
        .order_id = order_named("order"),
        .kind = "order-completed",
        .user_id = user,
        .user_left_out = false,
        .correlation_id = "correlation-1",
        .traceparent = "the trace",
        .values = {{"orderId", "o"}, {"amount", "199.99"}, {"currency", "EUR"}},
    };
}

/// The names of the channels by which a customer with this preference is told.
std::vector<std::string> channels(const Preference& preference, const Channel& channel = kMail) {
    std::vector<std::string> names;
    for (const auto& message : compose(notice_for("user-1"), &preference, usual_templates(), channel)) names.push_back(message.channel);
    return names;
}
using Names = std::vector<std::string>;

TEST(Message, IsMadeFromTheTemplatesOfItsKind) {
    const auto messages = compose(notice_for("user-1"), nullptr, usual_templates(), {});
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].kind, "order-completed");
    EXPECT_EQ(messages[0].channel, "log");
    EXPECT_EQ(messages[0].subject, "Order o is complete");
    EXPECT_EQ(messages[0].body, "Your order over 199.99 EUR is complete.");
    EXPECT_EQ(messages[0].recipient, "user-1");
    EXPECT_EQ(messages[0].user_id, "user-1");
    EXPECT_EQ(messages[0].correlation_id, "correlation-1");
    EXPECT_EQ(messages[0].traceparent, "the trace");
}

TEST(Message, ATemplateMayNameTheCustomer) {
    auto templates = usual_templates();
    const std::array<std::string_view, 1> known{"userId"};
    templates["order-completed"].body = Template::parse("Dear {userId}", known).value();
    EXPECT_EQ(compose(notice_for("user-1"), nullptr, templates, {})[0].body, "Dear user-1");
}

TEST(Message, FitsItsStoreWhateverItsTemplateAndValuesAre) {
    auto templates = usual_templates();
    const std::array<std::string_view, 1> known{"amount"};
    const auto long_one = Template::parse(std::string(3000, 'x') + "{amount}", known).value();
    templates["order-completed"] = {.subject = long_one, .body = long_one};
    const auto message = compose(notice_for("user-1"), nullptr, templates, {})[0];
    EXPECT_EQ(message.subject, std::string(254, 'x') + "…");
    EXPECT_EQ(message.body, std::string(1999, 'x') + "…");
}

TEST(Message, ItsIdIsStableAndDiffersByKindAndChannel) {
    const auto mail = compose(notice_for("u"), nullptr, usual_templates(), kMail)[0];
    const auto again = compose(notice_for("u"), nullptr, usual_templates(), kMail)[0];
    const auto line = compose(notice_for("u"), nullptr, usual_templates(), {.name = "log", .recipient = "", .domain = "shop.example"})[0];
    EXPECT_EQ(mail.message_id, again.message_id);
    EXPECT_NE(mail.message_id, line.message_id);
    EXPECT_EQ(mail.message_id, order_named("order").text() + ".order-completed.email@shop.example");
}

TEST(Message, ACustomerWithAnAddressIsWrittenToThere) {
    const auto recipient = [](const std::string& user, const Preference* preference = nullptr) {
        return compose(notice_for(user), preference, usual_templates(), kMail)[0].recipient;
    };
    EXPECT_EQ(recipient("eve.smith+orders@mail.example.org"), "eve.smith+orders@mail.example.org");
    EXPECT_EQ(recipient("user-1"), "all@shop.example");
    const Preference chosen{.email = "eve@example.org", .channels = {}, .opt_out = false};
    EXPECT_EQ(recipient("user-1", &chosen), "eve@example.org");
    EXPECT_EQ(recipient("other@example.org", &chosen), "eve@example.org");
}

TEST(Message, GoesByTheChannelsThatTheCustomerChose) {
    EXPECT_EQ(channels({}), (Names{"email"})) << "the usual one";
    EXPECT_EQ(channels({.email = "", .channels = {"log"}, .opt_out = false}), (Names{"log"}));
    EXPECT_EQ(channels({.email = "", .channels = {"email", "log"}, .opt_out = false}), (Names{"email", "log"}));
    EXPECT_EQ(channels({.email = "", .channels = {"email"}, .opt_out = true}), (Names{"none"}));
    EXPECT_EQ(channels({.email = "", .channels = {"email"}, .opt_out = false}, {}), (Names{"log"})) << "without a mail server";
    EXPECT_EQ(channels({.email = "", .channels = {"email", "log"}, .opt_out = false}, {}), (Names{"log"}));
}

TEST(Message, LeavesByTheWayOfItsChannel) {
    EXPECT_EQ(way_of("email"), Way::Queued);
    EXPECT_EQ(way_of("log"), Way::WithCommit);
    EXPECT_EQ(way_of("none"), Way::Never);
    EXPECT_EQ(way_of("of a later version"), Way::Queued);
}

}  // namespace
}  // namespace platform::notification
