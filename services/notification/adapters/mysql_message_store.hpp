#pragma once
#include "services/notification/domain/message_store.hpp"
#include "shared/mysql/pool.hpp"
#include "shared/outbox/relay.hpp"

#include <string>

namespace platform::notification {

/// Messages in MySQL, with inbox and outbox in the same transaction. Thread-safe.
class MysqlMessageStore final : public MessageStore {
public:
    struct Options {
        std::string group = "notification-service";
        std::string topic = "notification.events";
    };
    MysqlMessageStore(Options options, mysql::Pool& pool, outbox::Relay& relay);

    [[nodiscard]] Result<std::vector<Message>> add(std::span<const Request> requests, Duration lease) override;
    [[nodiscard]] Result<void> sent(std::span<const Message> messages, std::span<const events::Event> events) override;
    [[nodiscard]] Result<void> failed(
        const Message& message, Duration pause, bool give_up, std::span<const events::Event> events
    ) override;
    [[nodiscard]] Result<std::vector<Message>> take_due(std::size_t limit, Duration lease) override;
    [[nodiscard]] Result<std::vector<Stored>> find(const OrderId& order) override;

private:
    [[nodiscard]] Result<void> execute_and_tell(const mysql::Sql& sql, std::span<const events::Event> events);

    Options options_;
    mysql::Pool& pool_;
    outbox::Relay& relay_;
};

}  // namespace platform::notification
