#pragma once
#include "services/notification/domain/message_store.hpp"
#include "services/notification/domain/sender.hpp"
#include "shared/outbox/relay.hpp"
#include "tests/simulation/database.hpp"

#include <cstddef>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace platform::simulation {

/// notification_db. One thread.
class MessageDatabase : public Database {
public:
    using Database::Database;
    using Key = std::tuple<OrderId, std::string, std::string>;
    [[nodiscard]] static Key key_of(const notification::Message& message);
    struct Row {
        notification::Message message;
        std::size_t number = 0;  ///< in the order of adding
        std::string state;
        std::string owner;  ///< who holds it
        std::optional<Instant> next;
    };
    /// True when the customer was told, or is to be told, of this step, by whatever channel.
    [[nodiscard]] bool knows_step(const notification::Message& message) const;
    /// The rows of an order, the oldest first.
    [[nodiscard]] std::vector<const Row*> of(const OrderId& order) const;
    /// Pending and held by `owner`, or sent, or skipped, by the way that its channel goes.
    void add(const notification::Message& message, const std::string& owner, Duration lease);
    void settle(const notification::Message& message, const std::string& state);
    void put_off(const notification::Message& message, Duration pause);
    [[nodiscard]] std::vector<notification::Message> take_due(std::size_t limit, const std::string& owner, Duration lease);
    /// Makes due at once what the owners that `whose` means hold.
    void let_go(const std::function<bool(const std::string& owner)>& whose);
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
        : session_(session), database_(database), relay_(relay), server_(server), owner_(relay.claim().owner) {}
    [[nodiscard]] Result<std::vector<notification::Message>>
    add(std::span<const notification::Message> messages, Duration lease, const Deliver& deliver) override;
    [[nodiscard]] Result<void> settle(const notification::Outcome& outcome) override;
    [[nodiscard]] Result<std::vector<notification::Message>> take_due(std::size_t limit, Duration lease) override;
    [[nodiscard]] Result<void> release_predecessors() override;
    [[nodiscard]] Result<void> release() override;
    [[nodiscard]] Result<std::vector<notification::Stored>> find(const OrderId& order) override;
    [[nodiscard]] Result<std::map<OrderId, std::string>> users_of(std::span<const OrderId> orders) override;

private:
    [[nodiscard]] Result<void> let_go(const std::function<bool(const std::string& owner)>& whose);
    [[nodiscard]] std::vector<outbox::OutboxRow> rows_of(std::span<const events::Event> events) const;

    Session session_;
    MessageDatabase& database_;
    outbox::Relay& relay_;
    MailServer& server_;  ///< is told of marks that failed
    const std::string owner_;
};

/// Nobody has chosen anything.
class NoPreferences final : public notification::PreferenceStore {
public:
    [[nodiscard]] Result<std::map<std::string, notification::Preference>> find(std::span<const std::string> /*user_ids*/) override {
        return {};
    }
    [[nodiscard]] Result<void> put(const std::string& /*user_id*/, const notification::Preference& /*preference*/) override {
        return {};
    }
};

class SimulatedTransport final : public notification::Transport {
public:
    SimulatedTransport(Process& process, MailServer& server, Random& random, const Faults& faults)
        : process_(process), server_(server), random_(random), faults_(faults) {}
    [[nodiscard]] std::expected<void, notification::Obstacle> send(const notification::Message& message) override;

private:
    Process& process_;
    MailServer& server_;
    Random& random_;
    const Faults& faults_;
};

}  // namespace platform::simulation
