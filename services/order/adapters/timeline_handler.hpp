#pragma once
#include "services/order/domain/timeline.hpp"
#include "shared/kafka/consumer_loop.hpp"
#include "shared/telemetry/metrics.hpp"

#include <optional>
#include <span>

namespace platform::order {

/// What a record says of an order: from its CloudEvents headers when it has them, else from its value. Nothing when it tells
/// of no order. The bytes are untrusted.
[[nodiscard]] std::optional<TimelineEntry> timeline_entry(const kafka::Record& record);

/// Lets go of everything that timeline_entry() does not need of this record.
void trim_for_timeline(kafka::Record& record);

/// Writes down every record that tells of an order, beside the business: it refuses nothing and decides nothing. A record
/// that cannot be read is left to the services that need it. One thread.
class TimelineHandler final : public kafka::BatchHandler {
public:
    TimelineHandler(TimelineStore& store, metrics::Registry& registry);

    [[nodiscard]] Result<void> apply(std::span<const kafka::Record> batch) override;
    [[nodiscard]] Result<void> dead_letter(const kafka::Record& record, const Error& why) override;

private:
    TimelineStore& store_;
    metrics::Counter written_;
    metrics::Counter skipped_;
};

}  // namespace platform::order
