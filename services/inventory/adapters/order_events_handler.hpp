#pragma once
#include "services/inventory/domain/inventory_store.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/uuid.hpp"
#include "shared/kafka/consumer_loop.hpp"
#include "shared/service/event_batch.hpp"

namespace platform::inventory {

/// order.events as the stock sees them. One thread.
class OrderEventsHandler final : public kafka::BatchHandler {
public:
    OrderEventsHandler(
        InventoryStore& store, service::DeadLetters& dead_letters, const Clock& clock, UuidGenerator& ids
    )
        : store_(store), dead_letters_(dead_letters), clock_(clock), ids_(ids) {}
    [[nodiscard]] Result<void> apply(std::span<const kafka::Record> batch) override;
    [[nodiscard]] Result<void> dead_letter(const kafka::Record& record, const Error& why) override;

private:
    InventoryStore& store_;
    service::DeadLetters& dead_letters_;
    const Clock& clock_;
    UuidGenerator& ids_;
};

}  // namespace platform::inventory
