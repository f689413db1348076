#include "services/notification/adapters/smtp_transport.hpp"

#include "tests/services/notification/smtp_sink.hpp"

#include <gtest/gtest.h>

namespace platform::notification {
namespace {

using namespace std::chrono_literals;

Message message() {
    Message made;
    made.recipient = "a@example.org";
    made.subject = "Order complete";
    made.body = "Grüße";
    made.message_id = "o.order-completed.email@shop.example";
    made.correlation_id = "c-1";
    return made;
}

class SmtpTransportTest : public testing::Test {
protected:
    SmtpTransport to(const std::string& url, Duration timeout = 20s) {
        return SmtpTransport{
            {.url = url, .user = "", .password = "", .from = "shop@example.org", .timeout = timeout}, clock_
        };
    }
    /// The kind of the error, or nothing when the mail was taken.
    static std::optional<ErrorKind> send(SmtpTransport& transport) {
        const auto sent = transport.send(message());
        return sent ? std::nullopt : std::optional(sent.error().error.kind);
    }

    SystemClock clock_;
    test::SmtpSink sink_;
};

TEST_F(SmtpTransportTest, AMailHasTheHeadersThatASinkNeeds) {
    const auto mail = to_mail(message(), "shop@example.org", WallTime{});
    EXPECT_TRUE(mail.starts_with("Date: Thu, 01 Jan 1970 00:00:00 +0000\r\n")) << mail;
    EXPECT_NE(mail.find("\r\nMessage-ID: <o.order-completed.email@shop.example>\r\n"), std::string::npos);
    EXPECT_NE(mail.find("\r\nSubject: =?UTF-8?B?T3JkZXIgY29tcGxldGU=?=\r\n"), std::string::npos);
    EXPECT_TRUE(mail.ends_with("\r\n\r\nR3LDvMOfZQ0K\r\n")) << mail;
}

TEST_F(SmtpTransportTest, NoFieldCanAddAHeader) {
    auto bad = message();
    bad.recipient = "a@example.org\r\nBcc: b@example.org";
    bad.subject = "x\r\nBcc: b@example.org";
    bad.correlation_id = "c\nBcc: b@example.org";
    const auto mail = to_mail(bad, "shop@example.org\r\nBcc: b@example.org", WallTime{});
    EXPECT_EQ(mail.find("\nBcc:"), std::string::npos) << mail;
}

TEST_F(SmtpTransportTest, LongSubjectsAndBodiesKeepTheirLinesShort) {
    auto long_one = message();
    long_one.body = std::string(2000, 'x');
    const auto mail = to_mail(long_one, "shop@example.org", WallTime{});
    for (std::size_t at = 0, end = 0; (end = mail.find("\r\n", at)) != std::string::npos; at = end + 2) {
        EXPECT_LE(end - at, 998U) << "RFC 5322 §2.1.1";
    }
}

TEST_F(SmtpTransportTest, ALongSubjectIsSeveralEncodedWordsOfWholeCharacters) {
    auto long_one = message();
    long_one.subject.clear();
    for (int i = 0; i < 85; ++i) long_one.subject += "語ß";
    const auto mail = to_mail(long_one, "shop@example.org", WallTime{});
    const auto begin = mail.find("Subject: ");
    const auto end = mail.find("\r\nX-Correlation-Id");
    const std::string header = mail.substr(begin, end - begin);
    std::size_t words = 0;
    for (std::size_t at = 0; at < header.size();) {
        const auto line = header.substr(at, header.find("\r\n", at) - at);
        EXPECT_LE(line.size(), 76U) << "RFC 2047 §2";
        const auto word = line.substr(line.find("=?UTF-8?B?") + 10);
        EXPECT_TRUE(word.ends_with("?="));
        EXPECT_TRUE(word.starts_with("6Kqe") || word.starts_with("w5")) << "begins with a whole character: " << word;
        at += line.size() + 2;
        ++words;
    }
    EXPECT_GT(words, 5U);
}

TEST_F(SmtpTransportTest, LineBreaksOfABodyAreThoseOfAMail) {
    auto lines = message();
    lines.body = "a\nb\r\nc";
    EXPECT_TRUE(to_mail(lines, "shop@example.org", WallTime{}).ends_with("\r\n\r\nYQ0KYg0KYw0K\r\n"));
}

TEST_F(SmtpTransportTest, AMailArrivesOnceAsItWasWritten) {
    auto transport = to(sink_.url());
    ASSERT_EQ(send(transport), std::nullopt);
    const auto mails = sink_.mails();
    ASSERT_EQ(mails.size(), 1U);
    EXPECT_EQ(mails[0].from.substr(0, mails[0].from.find(' ')), "<shop@example.org>");
    EXPECT_EQ(mails[0].to, "<a@example.org>");
    EXPECT_NE(mails[0].text.find("\r\nTo: a@example.org\r\n"), std::string::npos) << mails[0].text;
    EXPECT_NE(
        mails[0].text.find("\r\nMessage-ID: <o.order-completed.email@shop.example>\r\n"), std::string::npos
    );
    EXPECT_TRUE(mails[0].text.ends_with("\r\n\r\nR3LDvMOfZQ0K\r\n")) << mails[0].text;
}

TEST_F(SmtpTransportTest, ManyMailsUseOneConnection) {
    auto transport = to(sink_.url());
    for (int i = 0; i < 5; ++i) ASSERT_EQ(send(transport), std::nullopt);
    EXPECT_EQ(sink_.mails().size(), 5U);
    EXPECT_EQ(sink_.connections(), 1);
    sink_.close_connections();
    if (send(transport)) {
        EXPECT_EQ(send(transport), std::nullopt) << "the next one has a new connection";
    }
    EXPECT_EQ(sink_.connections(), 2);
}

TEST_F(SmtpTransportTest, AnswersMeanWhatTheyAreAbout) {
    struct Case {
        std::string command;
        std::string answer;
        ErrorKind kind;
        bool for_all;
    };
    for (const auto& [command, answer, kind, for_all] : {
             Case{"", "421 too busy", ErrorKind::Unavailable, true},
             Case{"", "554 no service here", ErrorKind::Unavailable, true},
             Case{"MAIL", "451 later", ErrorKind::Unavailable, true},
             Case{"MAIL", "530 who are you", ErrorKind::Unavailable, true},
             Case{"RCPT", "450 mailbox busy", ErrorKind::Unavailable, false},
             Case{"RCPT", "421 closing", ErrorKind::Unavailable, true},
             Case{"RCPT", "550 no such mailbox", ErrorKind::Invalid, false},
             Case{"DATA", "451 later", ErrorKind::Unavailable, false},
             Case{"DATA", "554 no valid recipients", ErrorKind::Invalid, false},
             Case{".", "452 disk full", ErrorKind::Unavailable, false},
             Case{".", "554 looks like spam", ErrorKind::Invalid, false},
         }) {
        SCOPED_TRACE(command + " " + answer);
        auto transport = to(sink_.url());
        sink_.answer(command, answer);
        const auto sent = transport.send(message());
        ASSERT_FALSE(sent);
        EXPECT_EQ(sent.error().error.kind, kind) << sent.error().error.what;
        EXPECT_EQ(sent.error().for_all, for_all) << sent.error().error.what;
        EXPECT_TRUE(sink_.mails().empty());
        sink_.behave();
    }
    auto transport = to(sink_.url());
    sink_.answer("RCPT", "550 no such mailbox");
    EXPECT_EQ(send(transport), ErrorKind::Invalid);
    sink_.behave();
    EXPECT_EQ(send(transport), std::nullopt) << "the same transport goes on";
    EXPECT_EQ(sink_.mails().size(), 1U);
}

TEST_F(SmtpTransportTest, AServerThatHangsIsATimeoutWithinItsLimit) {
    for (const std::string command : {"", "EHLO", "MAIL", "RCPT", "DATA", "."}) {
        SCOPED_TRACE(command);
        auto transport = to(sink_.url(), 300ms);
        sink_.hang_at(command);
        const Instant began = clock_.now();
        const auto sent = transport.send(message());
        ASSERT_FALSE(sent);
        EXPECT_EQ(sent.error().error.kind, ErrorKind::Timeout);
        EXPECT_TRUE(sent.error().for_all);
        EXPECT_LT(clock_.now() - began, 10s);
        sink_.behave();
        sink_.close_connections();
    }
}

TEST_F(SmtpTransportTest, WithoutAnAddressNothingIsSent) {
    auto transport = to(sink_.url());
    auto nobody = message();
    nobody.recipient = "user-1";
    EXPECT_EQ(transport.send(nobody).error().error.kind, ErrorKind::Invalid);
    EXPECT_EQ(sink_.connections(), 0);
}

TEST_F(SmtpTransportTest, ADeadServerIsUnavailable) {
    auto transport = to("smtp://127.0.0.1:1");
    EXPECT_EQ(send(transport), ErrorKind::Unavailable);
}

}  // namespace
}  // namespace platform::notification
