#pragma once
#include "services/gateway/domain/endpoints.hpp"
#include "services/gateway/domain/ports.hpp"
#include "shared/core/clock.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace platform::gateway {

/// A group of consumers of one service.
struct GroupLag {
    std::string service;
    std::string group;
    std::vector<PartitionLag> partitions;  ///< by topic and number
    [[nodiscard]] std::int64_t records() const;
};

/// How far the consumers of the services are behind, as their pods tell it. Pods are asked only while somebody looks, since each one renders all of
/// its metrics for it. A service is left out while one of its pods does not answer: its partitions would be missing from the sum.
/// step() belongs to one thread, look() to all.
class ConsumerLag {
public:
    ConsumerLag(std::vector<const Endpoints*> services, LagSource& source, const Clock& clock, Duration interval);

    /// What was read last; nothing when nobody has looked of late. The next step() then reads.
    [[nodiscard]] std::vector<GroupLag> look();
    /// Gives the time until the next run.
    Duration step();

private:
    [[nodiscard]] bool wanted() const;
    [[nodiscard]] std::optional<std::vector<GroupLag>> read(const Endpoints& service);

    const std::vector<const Endpoints*> services_;
    LagSource& source_;
    const Clock& clock_;
    const Duration interval_;
    mutable std::mutex mutex_;
    std::optional<Instant> looked_;  // guarded by mutex_
    std::vector<GroupLag> groups_;   // guarded by mutex_
};

}  // namespace platform::gateway
