#pragma once
#include "services/order/domain/timeline.hpp"
#include "shared/kafka/consumer_loop.hpp"
#include "shared/telemetry/metrics.hpp"

#include <span>

namespace platform::order {

/// Writes down every record that tells of an order, beside the business: it refuses nothing and decides nothing. A record
/// that cannot be read is left to the services that need it. Records come trimmed (timeline_record.hpp). One thread.
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
