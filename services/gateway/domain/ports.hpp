#pragma once
#include "services/gateway/domain/address.hpp"
#include "shared/core/result.hpp"

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

}  // namespace platform::gateway
