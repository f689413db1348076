#include "services/notification/config.hpp"

#include <algorithm>
#include <string_view>

namespace platform::notification {

using namespace std::chrono_literals;

namespace {

void require(bool holds, const char* fault) {
    if (!holds) throw config::SettingError(fault);
}

bool is_smtp_url(std::string_view url) {
    for (const std::string_view scheme : {"smtp://", "smtps://"}) {
        if (url.starts_with(scheme)) return url.size() > scheme.size() && url.find_first_of(" @", scheme.size()) == std::string_view::npos;
    }
    return false;
}

bool is_address(std::string_view text) {
    constexpr std::size_t kLongest = 254;  // RFC 5321
    constexpr std::string_view kRefused = " <>,;\"@";
    const auto at = text.find('@');
    if (at == std::string_view::npos || at == 0 || at + 1 == text.size() || text.size() > kLongest) return false;
    return text.substr(0, at).find_first_of(kRefused) == std::string_view::npos &&
           text.substr(at + 1).find_first_of(kRefused) == std::string_view::npos;
}

/// Part of every message id, which the table keeps to 255 characters.
bool is_domain(std::string_view text) {
    constexpr std::size_t kLongest = 128;
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    return !text.empty() && text.size() <= kLongest && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

/// What the reader's types cannot say.
void check(const Config& config) {
    const auto& url = config.smtp.url;
    require(url.empty() || is_smtp_url(url), "SMTP_URL: has to be smtp://host:port or smtps://host:port, without user and password");
    require(is_address(config.smtp.from), "SMTP_FROM: has to be an e-mail address");
    const auto& recipient = config.channel.recipient;
    require(recipient.empty() || is_address(recipient), "NOTIFICATION_RECIPIENT: has to be an e-mail address, or empty");
    require(is_domain(config.channel.domain), "NOTIFICATION_DOMAIN: has to be 1 to 128 characters of A-Z a-z 0-9 . -");
}

}  // namespace

Config read_config(config::Reader& reader) {
    Config config;
    config.smtp.url = reader.text(
        {.name = "SMTP_URL",
         .meaning = "mail server, smtp://host:port or smtps://host:port; empty writes notifications to the log",
         .fallback = "",
         .unit = "url"}
    );
    config.smtp.user = reader.text({.name = "SMTP_USER", .meaning = "user at the mail server; empty for none", .fallback = ""});
    config.smtp.password = reader.text(
        {.name = "SMTP_PASSWORD", .meaning = "password at the mail server", .fallback = "", .secret = true}
    );
    config.smtp.from = reader.text(
        {.name = "SMTP_FROM", .meaning = "sender address", .fallback = "orders@orderplatform.local", .unit = "address"}
    );
    config.smtp.timeout = reader.duration(
        {.name = "SMTP_TIMEOUT", .meaning = "time for one mail, connection included", .fallback = "10s", .unit = "ms"}, 100ms, 5min
    );
    config.channel.recipient = reader.text(
        {.name = "NOTIFICATION_RECIPIENT",
         .meaning = "address that gets the mails of customers whose user id is no address",
         .fallback = "customer@orderplatform.local",
         .unit = "address"}
    );
    config.channel.domain = reader.text(
        {.name = "NOTIFICATION_DOMAIN", .meaning = "right side of message ids", .fallback = "orderplatform.local", .unit = "host"}
    );
    config.sender.max_attempts = static_cast<int>(reader.integer(
        {.name = "NOTIFICATION_MAX_ATTEMPTS", .meaning = "tries before a notification is given up", .fallback = "20"}, 1, 1000
    ));
    config.sender.emit_events = reader.flag(
        {.name = "NOTIFICATION_EVENTS",
         .meaning = "whether NOTIFICATION_SENT and NOTIFICATION_FAILED are published",
         .fallback = "true"}
    );
    config.channel.name = config.smtp.url.empty() ? "log" : "email";
    config.sender.lease = std::max<Duration>(config.sender.lease, 4 * config.smtp.timeout);
    check(config);
    return config;
}

}  // namespace platform::notification
