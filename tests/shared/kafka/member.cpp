#include "shared/kafka/consumer.hpp"

#include <chrono>
#include <cstdlib>

/// Reads and commits for ever: kafka_member BOOTSTRAP_SERVERS GROUP TOPIC. It is meant to be killed.
int main(int argc, char** argv) {
    using namespace platform;
    if (argc != 4) return EXIT_FAILURE;
    metrics::Registry registry{"member"};
    kafka::ConsumerOptions options;
    options.bootstrap_servers = argv[1];
    options.client_id = "member";
    options.group = argv[2];
    options.topics = {argv[3]};
    const auto consumer = kafka::make_consumer(options, registry);
    while (true) {
        const auto batch = consumer->poll(100, std::chrono::milliseconds(100));
        if (batch && !batch->empty()) static_cast<void>(consumer->commit({&batch->back(), 1}));
    }
}
