#include "services/notification/config.hpp"

namespace platform::notification {

using namespace std::chrono_literals;

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
    const bool known = config.smtp.url.empty() || config.smtp.url.starts_with("smtp://") || config.smtp.url.starts_with("smtps://");
    if (!known) throw config::SettingError("SMTP_URL: has to start with smtp:// or smtps://");
    return config;
}

}  // namespace platform::notification
