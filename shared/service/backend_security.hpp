#pragma once
#include "shared/config/settings.hpp"
#include "shared/kafka/security.hpp"

#include <string>

namespace platform::service {

/// MYSQL_TLS and MYSQL_TLS_CA: the file of authorities for mysql::Options::tls_ca; empty = no TLS. Throws SettingError.
[[nodiscard]] std::string read_mysql_authorities(config::Reader& reader);

/// KAFKA_SECURITY_PROTOCOL, KAFKA_TLS_CA, KAFKA_SASL_MECHANISM, _USERNAME and _PASSWORD. Throws SettingError when they contradict each other.
[[nodiscard]] kafka::Security read_kafka_security(config::Reader& reader);

}  // namespace platform::service
