#pragma once
#include "services/notification/domain/transport.hpp"
#include "shared/core/clock.hpp"

#include <memory>
#include <string>

namespace platform::notification {

/// Sends by SMTP (libcurl), one kept connection. A 5xx answer for a recipient or message is Invalid; a 4xx answer, no connection, and a 5xx answer to anything
/// else (greeting, login, sender) are Unavailable; no answer within `timeout` is Timeout. Whatever is not about a recipient or a message is an obstacle
/// for all, 421 always. One thread.
class SmtpTransport final : public Transport {
public:
    struct Options {
        std::string url;   ///< smtp://host:port or smtps://host:port
        std::string user;  ///< empty = no authentication
        std::string password;
        std::string from;
        Duration timeout = std::chrono::seconds(10);
    };
    SmtpTransport(Options options, const Clock& clock);
    ~SmtpTransport() override;
    [[nodiscard]] std::expected<void, Obstacle> send(const Message& message) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The message as RFC 5322 text with CRLF lines of at most 76 characters where it can be: UTF-8 body, subject in encoded words (RFC 2047), stable
/// Message-ID. No header can be injected by any field.
[[nodiscard]] std::string to_mail(const Message& message, const std::string& from, WallTime now);

}  // namespace platform::notification
