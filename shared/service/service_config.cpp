#include "shared/service/service_config.hpp"

#include "shared/http/management.hpp"
#include "shared/service/backend_security.hpp"

#include <chrono>
#include <cstddef>
#include <format>
#include <limits>

namespace platform::service {
namespace {

using config::Reader;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kMaxPort = std::numeric_limits<std::uint16_t>::max();

http::Server::Options read_http(Reader& reader, const Defaults& defaults) {
    http::Server::Options http;
    http.host = reader.text(
        {.name = "HTTP_HOST",
         .meaning = "Address on which the API is served.",
         .fallback = "0.0.0.0",
         .unit = "host"}
    );
    http.port = static_cast<std::uint16_t>(reader.integer(
        {.name = "HTTP_PORT",
         .meaning = "Port of the API, health and metrics; 0 takes any free one.",
         .fallback = std::to_string(defaults.http_port),
         .unit = "port"},
        0,
        kMaxPort
    ));
    http.threads = static_cast<int>(reader.integer(
        {.name = "HTTP_THREADS", .meaning = "Threads that read requests.", .fallback = "2", .unit = "threads"
        },
        1,
        64
    ));
    return http;
}

mysql::Options read_mysql(Reader& reader, const Defaults& defaults) {
    mysql::Options mysql;
    mysql.host = reader.text(
        {.name = "MYSQL_HOST",
         .meaning = "Address of the MySQL server.",
         .fallback = "127.0.0.1",
         .unit = "host"}
    );
    mysql.port = static_cast<std::uint16_t>(reader.integer(
        {.name = "MYSQL_PORT", .meaning = "Port of the MySQL server.", .fallback = "3306", .unit = "port"},
        1,
        kMaxPort
    ));
    mysql.user = reader.text(
        {.name = "MYSQL_USER",
         .meaning = "User that reads and writes rows; it needs no right to change the schema.",
         .fallback = defaults.name}
    );
    mysql.password = reader.text(
        {.name = "MYSQL_PASSWORD", .meaning = "Password of MYSQL_USER.", .required = true, .secret = true}
    );
    mysql.database = reader.text(
        {.name = "MYSQL_DATABASE", .meaning = "Database of this service alone.", .fallback = defaults.database
        }
    );
    mysql.pool_size = static_cast<std::size_t>(reader.integer(
        {.name = "MYSQL_POOL_SIZE",
         .meaning = "Connections to MySQL at most.",
         .fallback = std::to_string(defaults.pool_size),
         .unit = "connections"},
        2,
        256
    ));
    mysql.tls_ca = read_mysql_authorities(reader);
    return mysql;
}

mysql::Options read_mysql_ddl(Reader& reader, const mysql::Options& base) {
    mysql::Options ddl = base;
    ddl.pool_size = 1;
    const std::string user = reader.text(
        {.name = "MYSQL_DDL_USER", .meaning = "User that migrates the schema; empty = MYSQL_USER."}
    );
    const std::string password =
        reader.text({.name = "MYSQL_DDL_PASSWORD", .meaning = "Password of MYSQL_DDL_USER.", .secret = true});
    if (!user.empty()) {
        ddl.user = user;
        ddl.password = password;
    }
    return ddl;
}

Topics read_topics(Reader& reader) {
    Topics topics;
    const auto topic = [&reader](const char* name, const char* meaning, const std::string& fallback) {
        return reader.text({.name = name, .meaning = meaning, .fallback = fallback, .unit = "topic"});
    };
    topics.order = topic("TOPIC_ORDER_EVENTS", "Topic of the order's events.", topics.order);
    topics.payment = topic("TOPIC_PAYMENT_EVENTS", "Topic of the payment's events.", topics.payment);
    topics.inventory = topic("TOPIC_INVENTORY_EVENTS", "Topic of the stock's events.", topics.inventory);
    topics.notification =
        topic("TOPIC_NOTIFICATION_EVENTS", "Topic of the notifications' events.", topics.notification);
    return topics;
}

void read_kafka(Reader& reader, Settings& settings) {
    settings.kafka_bootstrap_servers = reader.text(
        {.name = "KAFKA_BOOTSTRAP_SERVERS",
         .meaning = "Addresses of Kafka brokers to start from.",
         .fallback = "127.0.0.1:9092",
         .unit = "host:port,..."}
    );
    settings.kafka_security = read_kafka_security(reader);
    settings.kafka_group = reader.text(
        {.name = "KAFKA_GROUP",
         .meaning = "Consumer group of this service, at most 64 characters: the inbox keeps it with every event.",
         .fallback = settings.name}
    );
    constexpr std::size_t kLongestGroup = 64;  // the inbox's column
    if (settings.kafka_group.empty() || settings.kafka_group.size() > kLongestGroup) {
        throw config::SettingError(
            std::format("KAFKA_GROUP: '{}' has to be of 1 to {} characters", settings.kafka_group, kLongestGroup)
        );
    }
    settings.kafka_message_timeout = reader.duration(
        {.name = "KAFKA_MESSAGE_TIMEOUT",
         .meaning = "Time for the broker to acknowledge a record, tries included; an outbox claim lasts twice as long.",
         .fallback = "12s",
         .unit = "ms"},
        seconds(2),
        minutes(10)
    );
    settings.topics = read_topics(reader);
    settings.outbox_bound = reader.duration(
        {.name = "OUTBOX_BOUND",
         .meaning =
             "Age of the oldest unsent event from which the outbox counts as DOWN and new work is refused.",
         .fallback = "30s",
         .unit = "ms"},
        seconds(1),
        hours(24)
    );
    // What a process that died, or never heard of its commit, has left is sent when its claim ends. Until then it is no sign of trouble.
    if (settings.outbox_bound <= 2 * settings.kafka_message_timeout) {
        throw config::SettingError("OUTBOX_BOUND has to be more than twice KAFKA_MESSAGE_TIMEOUT");
    }
    settings.inbox_retention = reader.duration(
        {.name = "INBOX_RETENTION",
         .meaning = "How long a handled event is remembered: longer than a topic keeps its records.",
         .fallback = "192h",
         .unit = "ms"},
        hours(24),
        hours(24) * 3660
    );
}

void read_process(Reader& reader, Settings& settings) {
    settings.migrate_on_start = reader.flag(
        {.name = "MIGRATE_ON_START",
         .meaning =
             "Bring the schema up to date while starting; otherwise it is only checked (see --migrate).",
         .fallback = "false"}
    );
    const std::string level = reader.choice(
        {.name = "LOG_LEVEL", .meaning = "Least important lines that are written.", .fallback = "info"},
        {"debug", "info", "warn", "error"}
    );
    static_cast<void>(log::parse_level(level, settings.log_level));
    settings.shutdown_budget = reader.duration(
        {.name = "SHUTDOWN_BUDGET",
         .meaning = "Time for an orderly stop; keep it under the pod's grace period.",
         .fallback = "20s",
         .unit = "ms"},
        seconds(1),
        minutes(10)
    );
    settings.drain_delay = reader.duration(
        {.name = "DRAIN_DELAY",
         .meaning = "How long to go on serving after the readiness probe says no, so that callers notice.",
         .fallback = "0ms",
         .unit = "ms"},
        milliseconds(0),
        minutes(1)
    );
    settings.instance_id = reader.text(
        {.name = "INSTANCE_ID",
         .meaning = "Name of this process in logs, claims and Kafka.",
         .fallback = settings.name}
    );
}

}  // namespace

const std::string& Topics::of(const events::Payload& payload) const {
    const std::string_view topic = events::topic_of(payload);
    if (topic == events::kOrderTopic) return order;
    if (topic == events::kPaymentTopic) return payment;
    if (topic == events::kInventoryTopic) return inventory;
    return notification;
}

Settings read_settings(Reader& reader, const Defaults& defaults) {
    Settings settings;
    settings.name = defaults.name;
    settings.http = read_http(reader, defaults);
    settings.management = http::read_management(reader, settings.http.port);
    settings.mysql = read_mysql(reader, defaults);
    settings.mysql_ddl = read_mysql_ddl(reader, settings.mysql);
    read_kafka(reader, settings);
    settings.resilience = resilience::Settings::read(reader);
    settings.tracing = otlp::read_settings(reader);
    read_process(reader, settings);
    return settings;
}

}  // namespace platform::service
