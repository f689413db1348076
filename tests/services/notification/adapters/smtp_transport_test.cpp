#include "services/notification/adapters/smtp_transport.hpp"

#include <gtest/gtest.h>

namespace platform::notification {
namespace {

Message message() {
    Message made;
    made.recipient = "a@example.org";
    made.subject = "Order complete";
    made.body = "Grüße";
    made.message_id = "o.order-completed.email@shop.example";
    made.correlation_id = "c-1";
    return made;
}

TEST(SmtpTransportTest, AMailHasTheHeadersThatASinkNeeds) {
    const auto mail = to_mail(message(), "shop@example.org", WallTime{});
    EXPECT_TRUE(mail.starts_with("Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n")) << mail;
    EXPECT_NE(mail.find("\r\nMessage-ID: <o.order-completed.email@shop.example>\r\n"), std::string::npos);
    EXPECT_NE(mail.find("\r\nSubject: =?UTF-8?B?T3JkZXIgY29tcGxldGU=?=\r\n"), std::string::npos);
    EXPECT_TRUE(mail.ends_with("\r\n\r\nR3LDvMOfZQo=\r\n")) << mail;
}

TEST(SmtpTransportTest, NoFieldCanAddAHeader) {
    auto bad = message();
    bad.recipient = "a@example.org\r\nBcc: b@example.org";
    bad.subject = "x\r\nBcc: b@example.org";
    bad.correlation_id = "c\nBcc: b@example.org";
    const auto mail = to_mail(bad, "shop@example.org\r\nBcc: b@example.org", WallTime{});
    EXPECT_EQ(mail.find("\nBcc:"), std::string::npos) << mail;
}

TEST(SmtpTransportTest, WithoutAnAddressNothingIsSent) {
    const SystemClock clock;
    SmtpTransport transport{{.url = "smtp://127.0.0.1:1", .user = "", .password = "", .from = "shop@example.org"}, clock};
    auto nobody = message();
    nobody.recipient = "user-1";
    EXPECT_EQ(transport.send(nobody).error().kind, ErrorKind::Invalid);
}

TEST(SmtpTransportTest, ADeadServerIsUnavailable) {
    const SystemClock clock;
    SmtpTransport transport{{.url = "smtp://127.0.0.1:1", .user = "", .password = "", .from = "shop@example.org"}, clock};
    EXPECT_EQ(transport.send(message()).error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace platform::notification
