#pragma once
#include "shared/core/clock.hpp"
#include "shared/kafka/producer.hpp"
#include "shared/outbox/outbox.hpp"
#include "shared/resilience/backoff.hpp"
#include "shared/telemetry/metrics.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace platform::outbox {

/// Sends the records of outbox rows to Kafka and deletes a row once all its records are acknowledged. Rows arrive by hand_over() right after the COMMIT that stored them; what did not arrive (full
/// queue, crash, failure) is found by sweep() when its claim expires. A row may be sent twice, never lost; consumers drop repeats by event id.
/// Rows are sent in the order of hand_over(), mostly by its caller's thread; a row that failed comes later than its successors, which consumers have to bear.
/// The claim's lease has to be at least twice the producer's message timeout: rows that waited for half of it are left to the sweeper.
/// hand_over() and deliveries are thread-safe; step() and sweep() each belong to one thread.
class Relay {
public:
    struct Options {
        std::size_t max_queue = 20'000;      ///< records handed over and not yet sent (the last row of the table in whole); beyond it they are left to the sweeper
        std::size_t max_in_flight = 10'000;  ///< sent and not yet acknowledged
        std::size_t delete_batch = 500;
        /// Acknowledged rows wait this long for others before they are deleted together: one durable write for many rows.
        Duration delete_delay = std::chrono::milliseconds(500);
        Duration sweep_interval = std::chrono::seconds(1);
        std::size_t sweep_page = 100;  ///< rows of the table, each of up to kBytesPerRow
        Claim claim{};
        resilience::Backoff::Options backoff{
            .initial = std::chrono::seconds(1), .ceiling = std::chrono::seconds(60)
        };
    };
    Relay(Options options, OutboxStore& store, kafka::Producer& producer, const Clock& clock, metrics::Registry& registry);
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    [[nodiscard]] const Claim& claim() const;
    /// Call after COMMIT. Never blocks: it puts rows into the producer's queue, nothing else.
    void hand_over(std::vector<OutboxRow> rows);
    /// Called (from any thread) whenever step() has work; to wake the worker.
    void on_work(std::function<void()> wake);

    /// Sends what hand_over() could not, deletes what is acknowledged. Gives the time until it wants to run again (it is woken earlier by on_work).
    Duration step(Instant now);
    /// Claims and sends expired rows, page by page; updates depth and age. Gives the time until the next sweep.
    Duration sweep(Instant now);
    /// Stops taking rows, flushes the producer, deletes what was acknowledged, releases the claims of the rest. Call when the threads of step() and
    /// sweep() have ended.
    void shut_down(Duration within);

    /// Age of the oldest row at the last sweep; for shedding load and for health.
    [[nodiscard]] Duration oldest() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;  ///< shared with the producer's delivery listener, which may outlive this
};

}  // namespace platform::outbox
