#include "services/notification/config.hpp"

#include <algorithm>
#include <cctype>
#include <format>
#include <span>
#include <string>
#include <string_view>
#include <utility>

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
    require(is_plain_address(config.smtp.from), "SMTP_FROM: has to be an e-mail address");
    const auto& recipient = config.channel.recipient;
    require(recipient.empty() || is_plain_address(recipient), "NOTIFICATION_RECIPIENT: has to be an e-mail address, or empty");
    require(is_domain(config.channel.domain), "NOTIFICATION_DOMAIN: has to be 1 to 128 characters of A-Z a-z 0-9 . -");
}

/// "TEMPLATE_ORDER_COMPLETED_" for "order-completed".
std::string template_setting(std::string_view kind) {
    std::string name = "TEMPLATE_" + std::string(kind) + "_";
    std::ranges::transform(name, name.begin(), [](char c) { return c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c))); });
    return name;
}

std::string listed(std::span<const std::string_view> placeholders) {
    std::string text;
    for (const auto name : placeholders) text += std::format("{}{{{}}}", text.empty() ? "" : " ", name);
    return text;
}

Template read_template(config::Reader& reader, const KindFacts& kind, const char* part, std::string_view usual) {
    const std::string name = template_setting(kind.name) + part;
    const std::string meaning = std::format("text of {} messages; knows {}", kind.name, listed(kind.placeholders));
    const auto text = reader.text({.name = name, .meaning = meaning, .fallback = std::string(usual)});
    auto parsed = Template::parse(text, kind.placeholders);
    if (!parsed) {
        throw config::SettingError(std::format("{}: {}; it knows {}", name, parsed.error().what, listed(kind.placeholders)));
    }
    return *std::move(parsed);
}

Templates read_templates(config::Reader& reader) {
    Templates templates;
    for (const auto& kind : kinds()) {
        auto subject = read_template(reader, kind, "SUBJECT", kind.subject);
        auto body = read_template(reader, kind, "BODY", kind.body);
        templates.emplace(std::string(kind.name), KindTemplates{.subject = std::move(subject), .body = std::move(body)});
    }
    return templates;
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
    config.announcer.emit_events = reader.flag(
        {.name = "NOTIFICATION_EVENTS",
         .meaning = "whether NOTIFICATION_SENT and NOTIFICATION_FAILED are published",
         .fallback = "true"}
    );
    config.channel.name = config.smtp.url.empty() ? kLog : kEmail;
    config.sender.lease = std::max<Duration>(config.sender.lease, 4 * config.smtp.timeout);
    check(config);
    config.templates = read_templates(reader);
    return config;
}

}  // namespace platform::notification
