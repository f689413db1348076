#include "operator/provision/kafka_topics.hpp"

#include <algorithm>
#include <exception>
#include <set>

namespace platform::provision {

using reconcile::TopicSeen;
using reconcile::TopicWanted;

Result<kafka::Admin*> KafkaTopics::admin(const std::string& bootstrap_servers) try {
    if (!admin_ || servers_ != bootstrap_servers) {
        admin_ =
            std::make_unique<kafka::Admin>(bootstrap_servers, std::map<std::string, std::string>{}, timeout_);
        servers_ = bootstrap_servers;
    }
    return admin_.get();
} catch (const std::exception& e) {
    return fail(ErrorKind::Invalid, std::string("unusable Kafka address: ") + e.what());
}

Result<std::vector<TopicSeen>>
KafkaTopics::observe(const std::string& bootstrap_servers, const std::vector<TopicWanted>& wanted) {
    auto connected = admin(bootstrap_servers);
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
KafkaTopics::create(const std::string& bootstrap_servers, const std::vector<TopicWanted>& topics) {
    auto connected = admin(bootstrap_servers);
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
KafkaTopics::grow(const std::string& bootstrap_servers, const std::string& name, std::int32_t partitions) {
    auto connected = admin(bootstrap_servers);
    if (!connected) return fail(connected.error());
    return (*connected)->grow_partitions(name, partitions);
}

Result<void> KafkaTopics::configure(const std::string& bootstrap_servers, const TopicWanted& topic) {
    auto connected = admin(bootstrap_servers);
    if (!connected) return fail(connected.error());
    return (*connected)->set_config(topic.name, topic.config);
}

Result<void>
KafkaTopics::remove(const std::string& bootstrap_servers, const std::vector<std::string>& names) {
    auto connected = admin(bootstrap_servers);
    if (!connected) return fail(connected.error());
    return (*connected)->remove(names);
}

}  // namespace platform::provision
