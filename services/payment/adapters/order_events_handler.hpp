#pragma once
#include "services/payment/domain/process_payments.hpp"
#include "shared/kafka/consumer_loop.hpp"
#include "shared/service/event_batch.hpp"

namespace platform::payment {

/// order.events as payments see them. One thread.
class OrderEventsHandler final : public kafka::BatchHandler {
public:
    OrderEventsHandler(ProcessPayments& process, service::DeadLetters& dead_letters)
        : process_(process), dead_letters_(dead_letters) {}
    [[nodiscard]] Result<void> apply(std::span<const kafka::Record> batch) override;
    [[nodiscard]] Result<void> dead_letter(const kafka::Record& record, const Error& why) override;

private:
    ProcessPayments& process_;
    service::DeadLetters& dead_letters_;
};

}  // namespace platform::payment
