#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace platform::kafka {

/// How a client and the brokers know each other. A plain value; the password must not be logged.
struct Security {
    enum class Protocol : std::uint8_t { Plaintext, Ssl, SaslPlaintext, SaslSsl };
    Protocol protocol = Protocol::Plaintext;
    std::string ca_file{};  ///< path; with TLS: whom the broker's certificate has to come from
    std::string mechanism = "SCRAM-SHA-512";
    std::string username{};
    std::string password{};

    [[nodiscard]] bool encrypted() const { return protocol == Protocol::Ssl || protocol == Protocol::SaslSsl; }
    [[nodiscard]] bool authenticated() const { return protocol == Protocol::SaslPlaintext || protocol == Protocol::SaslSsl; }

    /// For the `extra` of every client's options. With TLS the certificate and the broker's name are checked.
    [[nodiscard]] std::map<std::string, std::string> properties() const;
};

/// Kafka's own names: PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL; nothing for any other text.
[[nodiscard]] std::optional<Security::Protocol> parse_protocol(std::string_view text);

}  // namespace platform::kafka
