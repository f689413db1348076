#pragma once
#include "operator/provision/trust_file.hpp"
#include "operator/reconcile/ports.hpp"
#include "shared/core/clock.hpp"
#include "shared/kafka/admin.hpp"

#include <memory>
#include <string>

namespace platform::provision {

/// Topics by Kafka's admin calls. Keeps one connection, as who came last. One thread.
class KafkaTopics final : public reconcile::Topics {
public:
    explicit KafkaTopics(Duration timeout) : timeout_(timeout) {}

    [[nodiscard]] Result<std::vector<reconcile::TopicSeen>>
    observe(const reconcile::KafkaLogin& login, const std::vector<reconcile::TopicWanted>& wanted) override;
    [[nodiscard]] Result<void>
    create(const reconcile::KafkaLogin& login, const std::vector<reconcile::TopicWanted>& topics) override;
    [[nodiscard]] Result<void>
    grow(const reconcile::KafkaLogin& login, const std::string& name, std::int32_t partitions) override;
    [[nodiscard]] Result<void>
    configure(const reconcile::KafkaLogin& login, const reconcile::TopicWanted& topic) override;
    [[nodiscard]] Result<void>
    remove(const reconcile::KafkaLogin& login, const std::vector<std::string>& names) override;
    void disconnect() override { admin_.reset(); }

private:
    Result<kafka::Admin*> admin(const reconcile::KafkaLogin& login);

    const Duration timeout_;
    TrustFile trust_;
    reconcile::KafkaLogin login_;
    std::unique_ptr<kafka::Admin> admin_;
};

}  // namespace platform::provision
