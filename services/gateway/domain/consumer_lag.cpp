#include "services/gateway/domain/consumer_lag.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace platform::gateway {
namespace {

/// Who looks at a page asks for it again long before this.
constexpr Duration kInterest = std::chrono::seconds(10);

}  // namespace

std::int64_t GroupLag::records() const {
    return std::transform_reduce(partitions.begin(), partitions.end(), std::int64_t{0}, std::plus{}, std::mem_fn(&PartitionLag::records));
}

ConsumerLag::ConsumerLag(std::vector<const Endpoints*> services, LagSource& source, const Clock& clock, Duration interval)
    : services_(std::move(services)), source_(source), clock_(clock), interval_(interval) {}

std::vector<GroupLag> ConsumerLag::look() {
    const std::lock_guard lock(mutex_);
    looked_ = clock_.now();
    return groups_;
}

Duration ConsumerLag::step() {
    std::vector<GroupLag> groups;
    if (wanted()) {
        for (const Endpoints* service : services_) {
            if (auto told = read(*service)) std::ranges::move(*told, std::back_inserter(groups));
        }
    }
    const std::lock_guard lock(mutex_);
    groups_ = std::move(groups);
    return interval_;
}

bool ConsumerLag::wanted() const {
    const std::lock_guard lock(mutex_);
    return looked_ && clock_.now() - *looked_ <= kInterest;
}

std::optional<std::vector<GroupLag>> ConsumerLag::read(const Endpoints& service) {
    // A pod that gave a partition away tells 0 of it, so the largest figure is that of the pod that holds it.
    std::map<std::tuple<std::string, std::string, std::int32_t>, std::int64_t> largest;
    for (const auto& pod : service.pods()) {
        if (pod.status != Endpoints::Status::Up) continue;
        const auto told = source_.lag(pod.address);
        if (!told) return std::nullopt;
        for (const PartitionLag& one : *told) {
            std::int64_t& records = largest[{one.group, one.topic, one.partition}];
            records = std::max(records, one.records);
        }
    }
    std::vector<GroupLag> groups;
    for (const auto& [where, records] : largest) {
        const auto& [group, topic, partition] = where;
        if (groups.empty() || groups.back().group != group) groups.push_back({.service = service.service(), .group = group, .partitions = {}});
        groups.back().partitions.push_back({.group = group, .topic = topic, .partition = partition, .records = records});
    }
    return groups;
}

}  // namespace platform::gateway
