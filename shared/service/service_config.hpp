#pragma once
#include "shared/config/settings.hpp"
#include "shared/core/clock.hpp"
#include "shared/events/events.hpp"
#include "shared/http/server.hpp"
#include "shared/kafka/security.hpp"
#include "shared/mysql/session.hpp"
#include "shared/otlp/otlp_settings.hpp"
#include "shared/resilience/settings.hpp"
#include "shared/telemetry/log.hpp"

#include <cstdint>
#include <string>

namespace platform::service {

/// Names of the topics; each one is a setting.
struct Topics {
    std::string order{events::kOrderTopic};
    std::string payment{events::kPaymentTopic};
    std::string inventory{events::kInventoryTopic};
    std::string notification{events::kNotificationTopic};
    std::string dead_letter_suffix{events::kDeadLetterSuffix};

    /// Where an event of this kind is sent.
    [[nodiscard]] const std::string& of(const events::Payload& payload) const;
};

/// What differs between the services before anybody sets anything.
struct Defaults {
    std::string name;  ///< "order-service": application label, consumer group, source of events
    std::uint16_t http_port = 0;
    std::string database;        ///< "orders_db"
    std::int64_t pool_size = 8;  ///< connections: as many as threads may ask at once
};

/// The settings that every service has under the same names. Immutable once read.
struct Settings {
    std::string name;
    std::string instance_id;
    http::Server::Options http;
    http::Server::Options management;  ///< actuator writes and admin operations, on loopback alone
    mysql::Options mysql;      ///< the user with DML rights only
    mysql::Options mysql_ddl;  ///< the same database with the user that migrates
    bool migrate_on_start = false;
    std::string kafka_bootstrap_servers;
    kafka::Security kafka_security;
    std::string kafka_group;
    Duration kafka_message_timeout = std::chrono::seconds(12);  ///< for one record; an outbox claim lasts twice as long
    Topics topics;
    Duration outbox_bound =
        std::chrono::seconds(30);  ///< an outbox older than this is DOWN, and load is shed
    Duration inbox_retention = std::chrono::days(8);  ///< a record that is older and comes again is held off by natural keys alone
    resilience::Settings resilience;
    otlp::Settings tracing;
    log::Level log_level = log::Level::Info;
    Duration shutdown_budget = std::chrono::seconds(20);
    Duration drain_delay{0};  ///< how long to go on serving after "not ready", so that callers notice
};

/// Declares and reads them: HTTP_HOST HTTP_PORT HTTP_THREADS MANAGEMENT_PORT MYSQL_* KAFKA_* TOPIC_* OUTBOX_BOUND OTEL_* LOG_LEVEL
/// SHUTDOWN_BUDGET DRAIN_DELAY INSTANCE_ID MIGRATE_ON_START.
[[nodiscard]] Settings read_settings(config::Reader& reader, const Defaults& defaults);

}  // namespace platform::service
