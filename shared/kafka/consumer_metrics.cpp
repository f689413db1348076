#include "shared/kafka/consumer_metrics.hpp"

#include "shared/core/json.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace platform::kafka {
namespace {

using json::Value;

/// A field that is a whole number, not negative: librdkafka writes negative ones for what it does not know.
std::optional<std::int64_t> number_in(const Value& partition, std::string_view field) {
    const Value* found = partition.find(field);
    if (found == nullptr || !found->is(Value::Kind::Number)) return std::nullopt;
    std::int64_t number = 0;
    const std::string& text = found->text();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

/// Where nothing has been read or committed yet, all records of the partition are still to come.
std::optional<std::int64_t> lag_in(const Value* topics, const TopicPartition& wanted) {
    const Value* topic = topics == nullptr ? nullptr : topics->find(wanted.topic);
    const Value* partitions = topic == nullptr ? nullptr : topic->find("partitions");
    const Value* partition =
        partitions == nullptr ? nullptr : partitions->find(std::to_string(wanted.partition));
    if (partition == nullptr) return std::nullopt;
    if (const auto lag = number_in(*partition, "consumer_lag")) return lag;
    if (number_in(*partition, "committed_offset")) return std::nullopt;
    const auto first = number_in(*partition, "lo_offset");
    const auto end = number_in(*partition, "hi_offset");
    if (!first || !end) return std::nullopt;
    return std::max<std::int64_t>(*end - *first, 0);
}

}  // namespace

ConsumerMetrics::ConsumerMetrics(metrics::Registry& registry, std::string client_id, std::string group)
    : registry_(registry),
      labels_{{"client_id", std::move(client_id)}, {"group", std::move(group)}},
      consumed_(
          registry.counter("kafka_consumer_fetch_manager_records_consumed_total", "Records read.", labels_)
      ),
      rebalances_(
          registry.counter("kafka_consumer_coordinator_rebalance_total", "Assignments received.", labels_)
      ),
      assigned_(
          registry.gauge("kafka_consumer_coordinator_assigned_partitions", "Partitions held now.", labels_)
      ),
      lag_max_(registry.gauge(
          "kafka_consumer_fetch_manager_records_lag_max",
          "Largest lag of the partitions held, in records.",
          labels_
      )) {}

metrics::Gauge& ConsumerMetrics::lag_of(const TopicPartition& partition) {
    if (const auto found = lags_.find(partition); found != lags_.end()) return found->second;
    metrics::Labels labels = labels_;
    labels.insert({{"topic", partition.topic}, {"partition", std::to_string(partition.partition)}});
    auto gauge = registry_.gauge(
        "kafka_consumer_fetch_manager_records_lag",
        "Records of the partition that are not committed yet.",
        labels
    );
    return lags_.emplace(partition, gauge).first->second;
}

void ConsumerMetrics::assigned(const std::set<TopicPartition>& partitions) {
    for (auto& [partition, gauge] : lags_) {
        if (!partitions.contains(partition)) gauge.set(0);
    }
    const bool gained = !std::ranges::includes(partitions_, partitions);
    if (gained) rebalances_.add();
    partitions_ = partitions;
    assigned_.set(static_cast<double>(partitions.size()));
    if (partitions.empty()) lag_max_.set(0);
}

void ConsumerMetrics::statistics(std::string_view json) {
    const auto parsed = json::parse(json);
    if (!parsed) return;
    const Value* topics = parsed->find("topics");
    std::int64_t largest = 0;
    for (const TopicPartition& partition : partitions_) {
        const auto lag = lag_in(topics, partition);
        if (!lag) continue;
        largest = std::max(largest, *lag);
        lag_of(partition).set(static_cast<double>(*lag));
    }
    lag_max_.set(static_cast<double>(largest));
}

}  // namespace platform::kafka
