#include "shared/service/backend_security.hpp"

#include "shared/config/authorities.hpp"

#include <format>
#include <utility>

namespace platform::service {

using config::SettingError;

std::string read_mysql_authorities(config::Reader& reader) {
    return config::read_tls(reader, "MYSQL", "MySQL");
}

kafka::Security read_kafka_security(config::Reader& reader) {
    kafka::Security security;
    const std::string protocol = config::read_mode(
        reader,
        {.name = "KAFKA_SECURITY_PROTOCOL",
         .meaning = "How Kafka is spoken to; with SSL its certificate and name are verified, with SASL this service has a user.",
         .fallback = "PLAINTEXT"},
        {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"}
    );
    security.protocol = kafka::parse_protocol(protocol).value_or(kafka::Security::Protocol::SaslSsl);
    const std::string asking = "KAFKA_SECURITY_PROTOCOL=" + protocol;
    security.ca_file = config::read_authorities(
        reader,
        {.name = "KAFKA_TLS_CA",
         .meaning = "File of the certificate authorities (PEM) that the brokers' certificates have to come from.",
         .unit = "path"},
        security.encrypted() ? asking : ""
    );
    security.mechanism = config::read_mode(
        reader,
        {.name = "KAFKA_SASL_MECHANISM", .meaning = "How the password is proved.", .fallback = security.mechanism},
        {"SCRAM-SHA-256", "SCRAM-SHA-512"}
    );
    security.username = reader.text({.name = "KAFKA_SASL_USERNAME", .meaning = "User of this service at Kafka."});
    security.password =
        reader.text({.name = "KAFKA_SASL_PASSWORD", .meaning = "Password of KAFKA_SASL_USERNAME.", .secret = true});
    for (const auto& [name, value] : {
             std::pair{"KAFKA_SASL_USERNAME", &security.username},
             std::pair{"KAFKA_SASL_PASSWORD", &security.password},
         }) {
        if (security.authenticated() && value->empty())
            throw SettingError(std::format("{}: must be set, {} asks for it", name, asking));
        if (!security.authenticated() && !value->empty())
            throw SettingError(std::format("{}: is given, but {} asks for no user", name, asking));
    }
    return security;
}

}  // namespace platform::service
