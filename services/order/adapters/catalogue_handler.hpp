#pragma once
#include "services/order/domain/prices.hpp"
#include "shared/kafka/consumer_loop.hpp"

#include <span>

namespace platform::order {

/// Stands before the handler of inventory.events and keeps the prices that pass by. They are kept before the batch is applied: a batch that comes again is kept
/// again, which changes nothing. Costs orders nothing: only records of the catalogue are decoded here. One thread.
class CatalogueHandler final : public kafka::BatchHandler {
public:
    CatalogueHandler(PriceStore& store, PriceBook& book, kafka::BatchHandler& next) : store_(store), book_(book), next_(next) {}

    [[nodiscard]] Result<void> apply(std::span<const kafka::Record> batch) override;
    [[nodiscard]] Result<void> dead_letter(const kafka::Record& record, const Error& why) override;

private:
    PriceStore& store_;
    PriceBook& book_;
    kafka::BatchHandler& next_;
};

}  // namespace platform::order
