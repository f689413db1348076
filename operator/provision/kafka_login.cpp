#include "operator/provision/kafka_login.hpp"

#include "shared/kafka/security.hpp"

#include <utility>

namespace platform::provision {

Result<std::map<std::string, std::string>> properties_of(const reconcile::KafkaLogin& login, TrustFile& trust) {
    if (login.ca.empty()) return std::map<std::string, std::string>{};
    auto path = trust.path_of(login.ca);
    if (!path) return fail(std::move(path).error());
    const kafka::Security security{
        .protocol = kafka::Security::Protocol::SaslSsl,
        .ca_file = *std::move(path),
        .username = login.user,
        .password = login.password
    };
    return security.properties();
}

}  // namespace platform::provision
