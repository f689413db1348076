#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/kafka/record.hpp"
#include "shared/telemetry/metrics.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace platform::kafka {

/// Port: one member of a consumer group. One thread.
class Consumer {
public:
    Consumer() = default;
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;
    virtual ~Consumer() = default;

    /// Waits at most `wait` for a first record, then takes what is there already, at most `max_records`; in order within a partition. An empty answer is normal.
    /// Errors: Unavailable; the caller just polls again.
    [[nodiscard]] virtual Result<std::vector<Record>> poll(std::size_t max_records, Duration wait) = 0;
    /// Commits the offset after the given record of each partition, and waits for the broker's answer. A partition that is no longer ours is skipped.
    [[nodiscard]] virtual Result<void> commit(std::span<const Record> last_of_each_partition) = 0;
    /// Goes back so that `first` will be the next record of its partition, and stops fetching that partition until resume().
    virtual void rewind_and_pause(const Record& first) = 0;
    virtual void resume(const TopicPartition& partition) = 0;
    /// Leaves the group now. Idempotent.
    virtual void close() = 0;
    [[nodiscard]] virtual std::vector<TopicPartition> assignment() const = 0;
};

struct ConsumerOptions {
    std::string bootstrap_servers;
    std::string client_id;
    std::string group;
    std::vector<std::string> topics;
    Duration session_timeout = std::chrono::seconds(6);
    Duration max_poll_interval = std::chrono::minutes(5);
    std::map<std::string, std::string> extra;
};

/// librdkafka: earliest, read_committed, range assignor, no auto commit. Throws std::runtime_error on an unusable option. A topic that does not exist yet
/// is waited for. Publishes kafka_consumer_* metrics from librdkafka's statistics (records_lag per partition, rebalances, assigned partitions).
[[nodiscard]] std::unique_ptr<Consumer> make_consumer(const ConsumerOptions& options, metrics::Registry& registry);

}  // namespace platform::kafka
