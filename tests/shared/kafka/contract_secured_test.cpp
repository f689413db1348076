#include "tests/shared/kafka/contract.hpp"
#include "tests/shared/kafka/secure_broker.hpp"

#include <gtest/gtest.h>

namespace platform::kafka {
namespace {

/// The contract over TLS, as a user who may do what a service may and no more.
class SecuredDriver {
public:
    std::string topic(std::int32_t partitions) {
        const std::string name = broker_.broker.fresh_topic("topic", partitions);
        allow({.kind = Grant::Kind::Topic, .name = name, .operation = Grant::Operation::Read});
        allow({.kind = Grant::Kind::Topic, .name = name, .operation = Grant::Operation::Write});
        return name;
    }
    std::string group() {
        std::string name = broker_.broker.fresh_name("group");
        allow({.kind = Grant::Kind::Group, .name = name, .operation = Grant::Operation::Read});
        return name;
    }
    Producer& producer() {
        if (!producer_) {
            ProducerOptions options;
            options.bootstrap_servers = broker_.broker.address("GOOD");
            options.client_id = "test";
            options.extra = security().properties();
            producer_ = make_producer(options, topic(1), registry_);
        }
        return *producer_;
    }
    std::unique_ptr<Consumer> consumer(const std::string& group, const std::string& topic) {
        return broker_.consumer(group, topic, security(), registry_);
    }

private:
    [[nodiscard]] Security security() const { return broker_.security("service", "correct horse"); }
    void allow(const Grant& grant) {
        grants_.insert(grant);
        broker_.give("service", "correct horse", grants_);
    }

    SecureBroker& broker_ = SecureBroker::instance();
    metrics::Registry registry_{"test"};
    std::set<Grant> grants_;
    std::unique_ptr<Producer> producer_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Secured, KafkaContract, SecuredDriver);

}  // namespace
}  // namespace platform::kafka
