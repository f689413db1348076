#pragma once
#include "services/notification/domain/message.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace platform::notification {

/// A message with the event that asks for it.
struct Request {
    EventId event_id;
    Message message;
};

/// A message as the API shows it.
struct Stored {
    Message message;
    std::string state;  ///< PENDING, SENT, FAILED
};

/// Port: messages with their inbox and outbox. Thread-safe.
class MessageStore {
public:
    MessageStore() = default;
    MessageStore(const MessageStore&) = delete;
    MessageStore& operator=(const MessageStore&) = delete;
    virtual ~MessageStore() = default;

    /// One transaction: admits the events that are new and stores their messages as pending, held by this process for `lease`; a message that exists already is left
    /// alone. Gives those that are new.
    [[nodiscard]] virtual Result<std::vector<Message>> add(std::span<const Request> requests, Duration lease) = 0;
    /// Marks messages as sent, with the events that tell of it, in one transaction.
    [[nodiscard]] virtual Result<void> sent(std::span<const Message> messages, std::span<const events::Event> events) = 0;
    /// Lets a message be taken up again after `pause`, or gives it up for good.
    [[nodiscard]] virtual Result<void> failed(
        const Message& message, Duration pause, bool give_up, std::span<const events::Event> events
    ) = 0;
    /// Pending messages that nobody holds any more; held by this process for `lease` from now on.
    [[nodiscard]] virtual Result<std::vector<Message>> take_due(std::size_t limit, Duration lease) = 0;
    [[nodiscard]] virtual Result<std::vector<Stored>> find(const OrderId& order) = 0;
};

}  // namespace platform::notification
