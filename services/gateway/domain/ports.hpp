#pragma once
#include "services/gateway/domain/address.hpp"
#include "shared/core/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace platform::gateway {

/// Port: finds the pods behind a name. One thread at a time.
class Resolver {
public:
    Resolver() = default;
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;
    virtual ~Resolver() = default;
    /// Errors: NotFound (the name has no address now), Unavailable.
    [[nodiscard]] virtual Result<std::vector<Address>> resolve(const Address& name) = 0;
};

/// Port: asks a pod whether it is ready. One thread at a time.
class Prober {
public:
    Prober() = default;
    Prober(const Prober&) = delete;
    Prober& operator=(const Prober&) = delete;
    virtual ~Prober() = default;
    [[nodiscard]] virtual bool ready(const Address& pod) = 0;
};

/// What a group of consumers has still to read of one partition.
struct PartitionLag {
    std::string group;
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t records = 0;
    bool operator==(const PartitionLag&) const = default;
};

/// Port: asks a pod how far its consumers are behind. One thread at a time.
class LagSource {
public:
    LagSource() = default;
    LagSource(const LagSource&) = delete;
    LagSource& operator=(const LagSource&) = delete;
    virtual ~LagSource() = default;
    /// Of the partitions that the pod holds or held. Errors: Unavailable, Timeout.
    [[nodiscard]] virtual Result<std::vector<PartitionLag>> lag(const Address& pod) = 0;
};

}  // namespace platform::gateway
