#pragma once
#include "services/notification/domain/message_store.hpp"
#include "shared/mysql/pool.hpp"
#include "shared/outbox/relay.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace platform::notification {

/// Messages in MySQL, with the outbox in the same transaction; their key is what makes a repeat nothing, there is no inbox (docs/adr/0018). Claims are held under the relay's name for this process
/// ("<instance>:<unique>"). Thread-safe.
class MysqlMessageStore final : public MessageStore {
public:
    struct Options {
        std::string topic = "notification.events";
    };
    MysqlMessageStore(Options options, mysql::Pool& pool, outbox::Relay& relay);

    [[nodiscard]] Result<std::vector<Message>> add(
        std::span<const Message> messages, Duration lease, const Deliver& deliver
    ) override;
    [[nodiscard]] Result<void> settle(const Outcome& outcome) override;
    [[nodiscard]] Result<std::vector<Message>> take_due(std::size_t limit, Duration lease) override;
    [[nodiscard]] Result<void> release_predecessors() override;
    [[nodiscard]] Result<void> release() override;
    [[nodiscard]] Result<std::vector<Stored>> find(const OrderId& order) override;
    [[nodiscard]] Result<std::map<OrderId, std::string>> users_of(std::span<const OrderId> orders) override;

private:
    [[nodiscard]] std::vector<outbox::OutboxRow> rows_of(std::span<const events::Event> events) const;

    Options options_;
    mysql::Pool& pool_;
    outbox::Relay& relay_;
    std::string owner_;
};

}  // namespace platform::notification
