#include "shared/kafka/security.hpp"

namespace platform::kafka {
namespace {

const char* protocol_name(Security::Protocol protocol) {
    switch (protocol) {
        case Security::Protocol::Plaintext:
            return "plaintext";
        case Security::Protocol::Ssl:
            return "ssl";
        case Security::Protocol::SaslPlaintext:
            return "sasl_plaintext";
        case Security::Protocol::SaslSsl:
            return "sasl_ssl";
    }
    return "";
}

}  // namespace

std::map<std::string, std::string> Security::properties() const {
    if (protocol == Protocol::Plaintext) return {};
    std::map<std::string, std::string> all{{"security.protocol", protocol_name(protocol)}};
    if (encrypted()) {
        all["ssl.ca.location"] = ca_file;
        // Both are the library's defaults today; said here, so that they stay.
        all["enable.ssl.certificate.verification"] = "true";
        all["ssl.endpoint.identification.algorithm"] = "https";
    }
    if (authenticated()) {
        all["sasl.mechanism"] = mechanism;
        all["sasl.username"] = username;
        all["sasl.password"] = password;
    }
    return all;
}

std::optional<Security::Protocol> parse_protocol(std::string_view text) {
    if (text == "PLAINTEXT") return Security::Protocol::Plaintext;
    if (text == "SSL") return Security::Protocol::Ssl;
    if (text == "SASL_PLAINTEXT") return Security::Protocol::SaslPlaintext;
    if (text == "SASL_SSL") return Security::Protocol::SaslSsl;
    return std::nullopt;
}

}  // namespace platform::kafka
