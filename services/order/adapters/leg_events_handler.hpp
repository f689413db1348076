#pragma once
#include "services/order/domain/order_store.hpp"
#include "services/order/domain/saga_metrics.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/uuid.hpp"
#include "shared/kafka/consumer_loop.hpp"
#include "shared/service/event_batch.hpp"
#include "shared/telemetry/metrics.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace platform::order {

/// The answers of payment and inventory meet their orders, a poll batch in one transaction. One thread;
/// behind() and may_ask() are thread-safe.
class LegEventsHandler final : public kafka::BatchHandler {
public:
    LegEventsHandler(
        OrderStore& store,
        service::DeadLetters& dead_letters,
        const Clock& clock,
        UuidGenerator& ids,
        metrics::Registry& registry
    );

    [[nodiscard]] Result<void> apply(std::span<const kafka::Record> batch) override;
    [[nodiscard]] Result<void> dead_letter(const kafka::Record& record, const Error& why) override;

    /// True while records are applied much later than they were written: who asks again now only makes the
    /// queue longer.
    [[nodiscard]] bool behind() const;
    /// For how many orders may be asked again: one of twenty that were answered since the last call, some in any case; none while behind.
    [[nodiscard]] std::size_t may_ask();

private:
    void note_delay(std::span<const kafka::Record> batch);

    OrderStore& store_;
    service::DeadLetters& dead_letters_;
    const Clock& clock_;
    UuidGenerator& ids_;
    SagaMetrics saga_metrics_;
    metrics::Counter foreign_;
    metrics::Counter ignored_;
    metrics::Counter needs_attention_;
    std::atomic<std::size_t> answers_{0};  // that had an effect, since may_ask()
    std::atomic<std::int64_t> delay_millis_{0};
    std::atomic<std::int64_t> measured_at_{0};  // Instant, in nanoseconds
};

}  // namespace platform::order
