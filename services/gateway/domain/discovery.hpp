#pragma once
#include "services/gateway/domain/endpoints.hpp"
#include "services/gateway/domain/ports.hpp"
#include "shared/core/clock.hpp"

#include <atomic>
#include <vector>

namespace platform::gateway {

/// Keeps the pods of one service fresh: looks its names up, then probes every pod. A failed look-up keeps the
/// last good answer. step() belongs to one thread, ran() to all.
class Discovery {
public:
    Discovery(
        Endpoints& endpoints,
        std::vector<Address> names,
        Resolver& resolver,
        Prober& prober,
        const Clock& clock,
        Duration interval
    );
    /// Gives the time until the next run.
    Duration step();
    /// True once the first look-up has ended, well or not.
    [[nodiscard]] bool ran() const { return ran_; }

private:
    void look_up();

    Endpoints& endpoints_;
    const std::vector<Address> names_;
    Resolver& resolver_;
    Prober& prober_;
    const Clock& clock_;
    const Duration interval_;
    std::vector<std::vector<Address>> answers_;  // the last good one of each name
    std::atomic<bool> ran_{false};
};

}  // namespace platform::gateway
