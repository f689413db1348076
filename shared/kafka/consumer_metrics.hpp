#pragma once
#include "shared/kafka/record.hpp"
#include "shared/telemetry/metrics.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace platform::kafka {

/// The kafka_consumer_* metrics of one group member, with Micrometer's names. Not for other rooms. One
/// thread.
class ConsumerMetrics {
public:
    ConsumerMetrics(metrics::Registry& registry, std::string client_id, std::string group);

    void consumed(std::size_t records) { consumed_.add(static_cast<double>(records)); }
    /// A rebalance gave these partitions. The lag of those that left is set to 0: their new owner tells it.
    void assigned(const std::set<TopicPartition>& partitions);
    /// Reads librdkafka's statistics (JSON); what is not as expected is left out.
    void statistics(std::string_view json);

private:
    metrics::Gauge& lag_of(const TopicPartition& partition);

    metrics::Registry& registry_;
    metrics::Labels labels_;
    metrics::Counter consumed_;
    metrics::Counter rebalances_;
    metrics::Gauge assigned_;
    metrics::Gauge lag_max_;
    std::set<TopicPartition> partitions_;
    std::map<TopicPartition, metrics::Gauge> lags_;
};

}  // namespace platform::kafka
