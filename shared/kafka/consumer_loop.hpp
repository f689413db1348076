#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/kafka/consumer.hpp"
#include "shared/resilience/backoff.hpp"
#include "shared/resilience/circuit_breaker.hpp"
#include "shared/resilience/retry.hpp"
#include "shared/telemetry/metrics.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace platform::tracing {
class Tracer;
}

namespace platform::kafka {

class ProcessSpans;

/// What a service does with its records. One thread.
class BatchHandler {
public:
    BatchHandler() = default;
    BatchHandler(const BatchHandler&) = delete;
    BatchHandler& operator=(const BatchHandler&) = delete;
    virtual ~BatchHandler() = default;

    /// Applies all of `batch` or nothing, durably, before it returns (one transaction: inbox + state + outbox). Records seen before have no effect.
    /// Errors: retryable kinds (nothing is wrong with the records), or another kind when a record can never be applied.
    [[nodiscard]] virtual Result<void> apply(std::span<const Record> batch) = 0;
    /// Stores `record` for its dead letter topic, durably (an outbox row with the original key, value and headers plus the reason; no inbox row).
    [[nodiscard]] virtual Result<void> dead_letter(const Record& record, const Error& why) = 0;
};

/// Poll, apply, commit. A retryable failure rewinds and pauses the batch's partitions and tries again with backoff, without limit; it never leads to a dead letter.
/// A permanent failure of a batch leads to record by record; the record that fails alone is dead-lettered and the partition goes on. Offsets are committed only
/// after apply() or dead_letter() returned well. With a breaker, retryable failures are its failures; while it is open, partitions that have records are paused
/// and no record is tried; once it closes, all paused partitions go on. Offsets wait for each other for `commit_pace`, so that their round trip seldom stands before
/// the next record; a crash repeats what was applied since. A commit that failed is repeated after as long. A step function; one thread, but for failures_in_a_row().
class ConsumerLoop {
public:
    struct Options {
        std::string name;  ///< of the listener, for logs and metrics: "order-kafka"
        std::size_t max_batch = 500;
        Duration poll_wait = std::chrono::milliseconds(100);
        Duration commit_pace = std::chrono::milliseconds(50);  ///< how long applied records wait for others before their offsets are committed
        Duration linger{0};  ///< how long records are gathered at most for a batch that is not full
        Duration quiet{0};   ///< gathered records wait no longer once nothing has come for this long
        std::function<void(Record&)> trim{};  ///< lets go of what the handler does not read, before a record waits
        resilience::Backoff::Options backoff{};
        resilience::Retry* retry = nullptr;             ///< its waits in place of `backoff`
        resilience::CircuitBreaker* breaker = nullptr;  ///< of this loop alone
        /// Records of a recorded trace get a span while they are applied; the handler finds its traceparent in place of theirs. Null = none.
        const tracing::Tracer* tracer = nullptr;
        std::string group{};  ///< that the spans name
        std::vector<std::string> topics{};  ///< whose dead letters are told from the start, as 0
    };
    ConsumerLoop(Options options, Consumer& consumer, BatchHandler& handler, const Clock& clock, metrics::Registry& registry);

    /// One round. Gives zero, since poll() is what waits; `poll_wait` after a poll that failed, which may not have waited.
    Duration step(Instant now);
    /// Leaves the group. Call from the loop's thread or after it ended.
    void close();

    /// Tries that failed in a row on the partition that fares worst; 0 when healthy. Thread-safe.
    [[nodiscard]] int failures_in_a_row() const { return failures_; }

private:
    struct Trouble {
        int failures = 0;
        Instant paused_until{};
        bool paused = false;
    };

    /// Takes what a poll gave; true when the batch is to be settled.
    [[nodiscard]] bool gather(std::vector<Record> polled);
    void settle(std::span<Record> batch);
    /// Gives how many records from the front of `batch` are settled; fewer than all of them after a failure that is left in `why`.
    std::size_t settle_singly(std::span<const Record> batch, ProcessSpans& spans, Error why_together, Error& why);
    [[nodiscard]] Result<void> apply(std::span<const Record> batch);
    /// Leaves the batch where it is until the breaker lets calls through again.
    void hold(std::span<const Record> batch);
    [[nodiscard]] metrics::Counter dead_letters_of(const std::string& topic);
    void retry_later(std::span<const Record> batch, const Error& why);
    [[nodiscard]] Duration pause_after(int failures);
    void succeeded(std::span<const Record> batch);
    Duration resume_due(Instant now);
    void note(std::span<const Record> batch);
    /// Zero or less when offsets are to be committed now.
    [[nodiscard]] Duration commit_due() const;
    void commit();
    void count_failures();

    Options options_;
    Consumer& consumer_;
    BatchHandler& handler_;
    const Clock& clock_;
    metrics::Registry& registry_;
    resilience::Backoff backoff_;
    std::vector<Record> gathered_;  ///< neither applied nor committed; a successor reads them again
    Instant gathered_since_{};
    Instant gathered_last_{};  ///< when the newest of them came
    std::map<TopicPartition, Trouble> troubled_;
    std::map<TopicPartition, Record> uncommitted_;  ///< the last settled one of each partition, without its bytes
    Instant uncommitted_since_{};
    bool held_ = false;                             ///< the breaker has refused, and this was logged
    std::atomic<int> failures_{0};
    metrics::Timer success_timer_;
    metrics::Timer failure_timer_;
    metrics::Counter applied_;
    metrics::Counter retried_;
    metrics::Counter dead_lettered_;
    metrics::Counter commits_failed_;
};

}  // namespace platform::kafka
