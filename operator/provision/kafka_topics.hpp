#pragma once
#include "operator/reconcile/ports.hpp"
#include "shared/core/clock.hpp"
#include "shared/kafka/admin.hpp"

#include <memory>
#include <string>

namespace platform::provision {

/// Topics by Kafka's admin calls. Keeps one connection, to the servers that were asked last. One thread.
class KafkaTopics final : public reconcile::Topics {
public:
    explicit KafkaTopics(Duration timeout) : timeout_(timeout) {}

    [[nodiscard]] Result<std::vector<reconcile::TopicSeen>>
    observe(const std::string& bootstrap_servers, const std::vector<reconcile::TopicWanted>& wanted) override;
    [[nodiscard]] Result<void>
    create(const std::string& bootstrap_servers, const std::vector<reconcile::TopicWanted>& topics) override;
    [[nodiscard]] Result<void>
    grow(const std::string& bootstrap_servers, const std::string& name, std::int32_t partitions) override;
    [[nodiscard]] Result<void>
    configure(const std::string& bootstrap_servers, const reconcile::TopicWanted& topic) override;
    [[nodiscard]] Result<void>
    remove(const std::string& bootstrap_servers, const std::vector<std::string>& names) override;
    void disconnect() override { admin_.reset(); }

private:
    Result<kafka::Admin*> admin(const std::string& bootstrap_servers);

    const Duration timeout_;
    std::string servers_;
    std::unique_ptr<kafka::Admin> admin_;
};

}  // namespace platform::provision
