/// Makes topics for tests and `make local`, as the operator does: create_topics BROKERS PARTITIONS TOPIC...
#include "shared/kafka/admin.hpp"

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    constexpr int kFirstTopic = 3;
    if (argc <= kFirstTopic) {
        std::cerr << "usage: create_topics BROKERS PARTITIONS TOPIC...\n";
        return EXIT_FAILURE;
    }
    std::vector<platform::kafka::TopicSpec> topics;
    for (int i = kFirstTopic; i < argc; ++i) {
        topics.push_back({.name = argv[i], .partitions = std::stoi(argv[2]), .replication_factor = 1, .config = {}});
    }
    platform::kafka::Admin admin{argv[1], {}, std::chrono::seconds(20)};
    if (const auto made = admin.create(topics); !made) {
        std::cerr << "create_topics: " << made.error().what << '\n';
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
