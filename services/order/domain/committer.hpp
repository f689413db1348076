#pragma once
#include "services/order/domain/accept_queue.hpp"
#include "services/order/domain/order_store.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/telemetry/metrics.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace platform::order {

/// Takes all that is queued, stores it in one transaction and answers. No timer: an idle committer's batch is
/// one order, a busy one's is what came while it waited for the disk. A step function; several committers may
/// share queue and store.
class Committer {
public:
    struct Options {
        std::size_t batch = 128;
        std::size_t keyed_batch = 16;  ///< a key that another transaction holds keeps its whole batch waiting
        int tries = 3;                 ///< of the same inserts with the same ids
        Duration key_patience = std::chrono::seconds(1);  ///< for another request with the same key
    };
    Committer(
        Options options,
        AcceptQueue& queue,
        OrderStore& store,
        const Clock& clock,
        metrics::Registry& registry
    );

    /// One batch of each lane. Gives zero when there may be more.
    Duration step(Instant now);

private:
    using Jobs = std::vector<Job*>;
    void place(std::vector<Job> batch, bool keyed);
    [[nodiscard]] Result<void> insert(const Jobs& jobs);
    /// Answers and removes the jobs whose order is stored already.
    [[nodiscard]] Result<void> answer_placed(Jobs& open);
    void give_up(const Jobs& open, Refused why);

    Options options_;
    AcceptQueue& queue_;
    OrderStore& store_;
    const Clock& clock_;
    metrics::Timer commit_timer_;
    metrics::Counter placed_;
    metrics::Counter replayed_;
    metrics::Counter refused_;
};

}  // namespace platform::order
