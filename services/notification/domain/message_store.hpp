#pragma once
#include "services/notification/domain/message.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace platform::notification {

/// A message as the API shows it.
struct Stored {
    Message message;
    std::string state;  ///< PENDING, SENT, FAILED, SKIPPED (the customer wants none)
};

/// What became of messages that were tried.
struct Outcome {
    struct Postponed {
        Message message;
        Duration pause;  ///< taken up again after it
    };
    std::vector<Message> sent;
    std::vector<Message> given_up;
    std::vector<Postponed> postponed;
    std::vector<events::Event> told;  ///< published with them
};

/// Port: messages with their outbox. Thread-safe.
class MessageStore {
public:
    /// Sends messages and gives the events that tell of it.
    using Deliver = std::function<std::vector<events::Event>(std::span<const Message>)>;

    MessageStore() = default;
    MessageStore(const MessageStore&) = delete;
    MessageStore& operator=(const MessageStore&) = delete;
    virtual ~MessageStore() = default;

    /// One transaction: stores the messages that are new. What an earlier batch told of the same order and kind, by whatever channel, is not
    /// told again; one event may ask for several channels, all in one batch. New messages by their way_of(): queued ones are pending, held by this process for `lease`, and
    /// given back; those that leave with the commit are stored as sent and passed to `deliver`, once, shortly before the commit (a commit that
    /// fails thus makes a repeat, never a loss); the others are stored as skipped.
    [[nodiscard]] virtual Result<std::vector<Message>> add(
        std::span<const Message> messages, Duration lease, const Deliver& deliver
    ) = 0;
    /// Marks what became of messages, with the events that tell of it, in one transaction.
    [[nodiscard]] virtual Result<void> settle(const Outcome& outcome) = 0;
    /// Pending messages that nobody holds any more; held by this process for `lease` from now on.
    [[nodiscard]] virtual Result<std::vector<Message>> take_due(std::size_t limit, Duration lease) = 0;
    /// Lets go of all that earlier processes of this instance's name hold, which are dead.
    [[nodiscard]] virtual Result<void> release_predecessors() = 0;
    /// Lets go of all that this process holds.
    [[nodiscard]] virtual Result<void> release() = 0;
    [[nodiscard]] virtual Result<std::vector<Stored>> find(const OrderId& order) = 0;
    /// The customers of these orders, as far as earlier messages named them.
    [[nodiscard]] virtual Result<std::map<OrderId, std::string>> users_of(std::span<const OrderId> orders) = 0;
};

}  // namespace platform::notification
