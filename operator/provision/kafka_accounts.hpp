#pragma once
#include "operator/provision/trust_file.hpp"
#include "operator/reconcile/ports.hpp"
#include "shared/core/clock.hpp"
#include "shared/kafka/access.hpp"

#include <map>
#include <memory>
#include <string>

namespace platform::provision {

/// Users of Kafka and what they may do. Keeps one connection, as the administrator that came last. A broker gives no password away, so each one is
/// tried once by logging in. One thread.
class KafkaAccounts final : public reconcile::KafkaUsers {
public:
    explicit KafkaAccounts(Duration timeout) : timeout_(timeout) {}

    [[nodiscard]] Result<std::vector<reconcile::KafkaUserSeen>>
    observe(const reconcile::KafkaLogin& admin, const std::vector<reconcile::KafkaUserAccess>& users) override;
    [[nodiscard]] Result<void>
    provision(const reconcile::KafkaLogin& admin, const reconcile::KafkaUserAccess& user) override;
    [[nodiscard]] Result<void>
    drop(const reconcile::KafkaLogin& admin, const reconcile::KafkaUserWanted& user) override;
    void disconnect() override { access_.reset(); }

private:
    Result<kafka::Access*> access(const reconcile::KafkaLogin& admin);
    Result<bool> opens(const reconcile::KafkaLogin& admin, const reconcile::KafkaUserAccess& user);

    const Duration timeout_;
    TrustFile trust_;
    reconcile::KafkaLogin login_;
    std::unique_ptr<kafka::Access> access_;
    std::map<std::string, std::string> tried_;  ///< user -> the password that opened
};

}  // namespace platform::provision
