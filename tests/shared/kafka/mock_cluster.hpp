#pragma once
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <cstdint>
#include <string>

namespace platform::kafka {

/// librdkafka's broker in this process: it answers with the errors that a test asks for.
class MockCluster {
public:
    MockCluster() {
        std::array<char, 512> text{};
        host_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text.data(), text.size());
        cluster_ = rd_kafka_mock_cluster_new(host_, 1);
    }
    ~MockCluster() {
        rd_kafka_mock_cluster_destroy(cluster_);
        rd_kafka_destroy(host_);
    }
    MockCluster(const MockCluster&) = delete;
    MockCluster& operator=(const MockCluster&) = delete;

    std::string bootstrap_servers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
    void create_topic(const std::string& name) { rd_kafka_mock_topic_create(cluster_, name.c_str(), 1, 1); }
    void fail_next(std::int16_t request, rd_kafka_resp_err_t error) {
        rd_kafka_mock_push_request_errors(cluster_, request, 1, error);
    }

private:
    rd_kafka_t* host_ = nullptr;
    rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

inline constexpr std::int16_t kProduce = 0;
inline constexpr std::int16_t kInitProducerId = 22;

}  // namespace platform::kafka
