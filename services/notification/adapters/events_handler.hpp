#pragma once
#include "services/notification/adapters/log_transport.hpp"
#include "services/notification/domain/announcer.hpp"
#include "services/notification/domain/message_store.hpp"
#include "services/notification/domain/preference.hpp"
#include "services/notification/domain/sender.hpp"
#include "shared/kafka/consumer_loop.hpp"
#include "shared/service/event_batch.hpp"
#include "shared/tracing/tracer.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace platform::notification {

/// payment.events and order.events as the customer sees them: stores messages, then hands those that need a mail server to the sender. One thread.
class EventsHandler final : public kafka::BatchHandler {
public:
    /// What a message is made from.
    struct Texts {
        Templates templates = usual_templates();
        Channel channel{};
    };
    EventsHandler(
        Texts texts, MessageStore& store, PreferenceStore& preferences, Sender& sender, Announcer& announcer,
        service::DeadLetters& dead_letters, const tracing::Tracer* tracer = nullptr
    );
    [[nodiscard]] Result<void> apply(std::span<const kafka::Record> batch) override;
    [[nodiscard]] Result<void> dead_letter(const kafka::Record& record, const Error& why) override;

private:
    [[nodiscard]] Result<void> add_users(std::vector<Notice>& notices);
    [[nodiscard]] Result<std::vector<Message>> messages_of(std::span<const Notice> notices);
    [[nodiscard]] std::vector<events::Event> deliver(std::span<const Message> messages);

    Texts texts_;
    MessageStore& store_;
    PreferenceStore& preferences_;
    Sender& sender_;
    Announcer& announcer_;
    service::DeadLetters& dead_letters_;
    const tracing::Tracer* tracer_;
    LogTransport log_;
};

}  // namespace platform::notification
