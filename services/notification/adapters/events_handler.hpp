#pragma once
#include "services/notification/domain/message_store.hpp"
#include "services/notification/domain/sender.hpp"
#include "shared/kafka/consumer_loop.hpp"
#include "shared/service/event_batch.hpp"

namespace platform::notification {

/// payment.events and order.events as the customer sees them: stores messages, then hands them to the sender. One thread.
class EventsHandler final : public kafka::BatchHandler {
public:
    EventsHandler(Channel channel, MessageStore& store, Sender& sender, service::DeadLetters& dead_letters)
        : channel_(std::move(channel)), store_(store), sender_(sender), dead_letters_(dead_letters) {}
    [[nodiscard]] Result<void> apply(std::span<const kafka::Record> batch) override;
    [[nodiscard]] Result<void> dead_letter(const kafka::Record& record, const Error& why) override;

private:
    Channel channel_;
    MessageStore& store_;
    Sender& sender_;
    service::DeadLetters& dead_letters_;
};

}  // namespace platform::notification
