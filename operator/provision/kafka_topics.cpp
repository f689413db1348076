#include "operator/provision/kafka_topics.hpp"

#include "operator/provision/kafka_login.hpp"

#include <algorithm>
#include <exception>
#include <set>

namespace platform::provision {

using reconcile::KafkaLogin;
using reconcile::TopicSeen;
using reconcile::TopicWanted;

Result<kafka::Admin*> KafkaTopics::admin(const KafkaLogin& login) try {
    if (!admin_ || login_ != login) {
        const auto properties = properties_of(login, trust_);
        if (!properties) return fail(properties.error());
        admin_ = std::make_unique<kafka::Admin>(login.bootstrap_servers, *properties, timeout_);
        login_ = login;
    }
    return admin_.get();
} catch (const std::exception& e) {
    return fail(ErrorKind::Invalid, std::string("unusable Kafka address: ") + e.what());
}

Result<std::vector<TopicSeen>>
KafkaTopics::observe(const KafkaLogin& login, const std::vector<TopicWanted>& wanted) {
    auto connected = admin(login);
    if (!connected) return fail(connected.error());
    std::vector<std::string> names;
    std::set<std::string> keys;
    for (const TopicWanted& topic : wanted) {
        names.push_back(topic.name);
        for (const auto& [key, value] : topic.config) keys.insert(key);
    }
    auto states = (*connected)->describe(names, {keys.begin(), keys.end()});
    if (!states) return fail(states.error());
    std::vector<TopicSeen> seen;
    for (kafka::TopicState& state : *states) {
        seen.push_back({.name = state.name, .partitions = state.partitions, .config = std::move(state.config)}
        );
    }
    return seen;
}

Result<void>
KafkaTopics::create(const KafkaLogin& login, const std::vector<TopicWanted>& topics) {
    auto connected = admin(login);
    if (!connected) return fail(connected.error());
    std::vector<kafka::TopicSpec> specs;
    for (const TopicWanted& topic : topics) {
        specs.push_back(
            {.name = topic.name,
             .partitions = topic.partitions,
             .replication_factor = topic.replication_factor,
             .config = topic.config}
        );
    }
    return (*connected)->create(specs);
}

Result<void>
KafkaTopics::grow(const KafkaLogin& login, const std::string& name, std::int32_t partitions) {
    auto connected = admin(login);
    if (!connected) return fail(connected.error());
    return (*connected)->grow_partitions(name, partitions);
}

Result<void> KafkaTopics::configure(const KafkaLogin& login, const TopicWanted& topic) {
    auto connected = admin(login);
    if (!connected) return fail(connected.error());
    return (*connected)->set_config(topic.name, topic.config);
}

Result<void>
KafkaTopics::remove(const KafkaLogin& login, const std::vector<std::string>& names) {
    auto connected = admin(login);
    if (!connected) return fail(connected.error());
    return (*connected)->remove(names);
}

}  // namespace platform::provision
