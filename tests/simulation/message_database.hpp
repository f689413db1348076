#pragma once
#include "services/notification/domain/message_store.hpp"
#include "services/notification/domain/sender.hpp"
#include "shared/outbox/relay.hpp"
#include "tests/simulation/database.hpp"

#include <map>
#include <set>
#include <string>
#include <tuple>

namespace platform::simulation {

/// notification_db. One thread.
class MessageDatabase : public Database {
public:
    using Database::Database;
    using Key = std::tuple<OrderId, std::string, std::string>;
    [[nodiscard]] static Key key_of(const notification::Message& message);
    struct Row {
        notification::Message message;
        std::string state;
        std::optional<Instant> next;
    };
    void add(const notification::Message& message, Duration lease);
    void settle(const notification::Message& message, const std::string& state);
    void put_off(const notification::Message& message, Duration pause);
    [[nodiscard]] std::vector<notification::Message> take_due(std::size_t limit, Duration lease);
    [[nodiscard]] bool all_settled() const { return due_.empty(); }

    std::map<Key, Row> rows;

private:
    void look_at(const Key& key, Row& row, std::optional<Instant> when);
    std::set<std::pair<Instant, Key>> due_;
};

/// The mail server: it remembers who sent what, and when, so that a repeat is only excused after a crash, an unknown
/// outcome, or a hold that ran out while the sender was stopped.
class MailServer {
public:
    /// `patience`: how long a message may be on its way before somebody else may take it up.
    MailServer(Scheduler& scheduler, Checker& checker, Duration patience)
        : scheduler_(scheduler), checker_(checker), patience_(patience) {}
    bool down = false;
    [[nodiscard]] Duration patience() const { return patience_; }
    void accept(const notification::Message& message, const Process& sender, bool excused);
    /// The mark of these messages failed, or may have: they are sent again.
    void unmarked(std::span<const notification::Message> messages);

private:
    struct Delivery {
        const Process* sender = nullptr;
        std::uint64_t life = 0;
        Instant at;
        bool excused = false;
    };
    Scheduler& scheduler_;
    Checker& checker_;
    const Duration patience_;
    std::map<MessageDatabase::Key, Delivery> deliveries_;
};

/// Does what the MySQL adapter does, step by step.
class SimulatedMessageStore final : public notification::MessageStore {
public:
    SimulatedMessageStore(Session session, MessageDatabase& database, outbox::Relay& relay, MailServer& server)
        : session_(session), database_(database), relay_(relay), server_(server) {}
    [[nodiscard]] Result<std::vector<notification::Message>>
    add(std::span<const notification::Request> requests, Duration lease) override;
    [[nodiscard]] Result<void>
    sent(std::span<const notification::Message> messages, std::span<const events::Event> events) override;
    [[nodiscard]] Result<void> failed(
        const notification::Message& message, Duration pause, bool give_up, std::span<const events::Event> events
    ) override;
    [[nodiscard]] Result<std::vector<notification::Message>> take_due(std::size_t limit, Duration lease) override;
    [[nodiscard]] Result<std::vector<notification::Stored>> find(const OrderId& order) override;

private:
    template <class Settle>
    [[nodiscard]] Result<void> settle_and_tell(std::span<const events::Event> events, Settle settle);

    Session session_;
    MessageDatabase& database_;
    outbox::Relay& relay_;
    MailServer& server_;  ///< is told of marks that failed
};

class SimulatedTransport final : public notification::Transport {
public:
    SimulatedTransport(Process& process, MailServer& server, Random& random, const Faults& faults)
        : process_(process), server_(server), random_(random), faults_(faults) {}
    [[nodiscard]] Result<void> send(const notification::Message& message) override;

private:
    Process& process_;
    MailServer& server_;
    Random& random_;
    const Faults& faults_;
};

}  // namespace platform::simulation
