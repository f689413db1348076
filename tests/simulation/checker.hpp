#pragma once
#include "services/inventory/domain/inventory_store.hpp"
#include "services/notification/domain/message.hpp"
#include "services/order/domain/order.hpp"
#include "services/payment/domain/payment.hpp"
#include "shared/core/money.hpp"
#include "shared/events/events.hpp"
#include "shared/kafka/record.hpp"
#include "tests/simulation/scheduler.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

namespace platform::simulation {

/// Watches every commit, every record, every movement of money and every message, and says at once what must never
/// happen. It knows the rules from the design, not from the code of the services. One thread.
class Checker {
public:
    explicit Checker(Scheduler& scheduler, Duration deadline) : scheduler_(scheduler), deadline_(deadline) {}

    // Clients.
    void accepted(const OrderId& order);
    // Order's database.
    void order_stored(const order::Order& order);
    void order_changed(const order::Order& before, const order::Order& after);
    // Payment's database, and the provider.
    void payment_changed(const std::optional<payment::Payment>& before, const payment::Payment& after);
    void charged(const OrderId& order, Money amount);
    void refunded(const OrderId& order, Money amount);
    // Inventory's database.
    void stock_seeded(const inventory::Item& item);
    void reservation_changed(
        const std::optional<inventory::Reservation>& before, const inventory::Reservation& after
    );
    void stock_changed(const inventory::Item& item);
    // Notification's database, and the mail server. `excused`: the first one may have been forgotten by a crash or an
    // unknown outcome between sending and marking.
    void message_added(const notification::Message& message);
    void message_sent(const notification::Message& message, bool excused);
    void message_marked(const notification::Message& message, bool given_up);
    // Outboxes and broker.
    void event_stored(const events::Event& event);
    void outbox_removed(const kafka::OutgoingRecord& record);
    void appended(const kafka::Record& record);

    /// From now on nothing goes wrong. `clocks_agree`: no machine's calendar is so wrong that it takes its own records for late.
    void healed(bool clocks_agree);
    /// The broker loses records: what only they told may stay untold.
    void tail_lost() { tail_lost_ = true; }
    /// True while an accepted or stored order has not ended.
    [[nodiscard]] bool open_orders() const { return stored_ != ended_; }
    [[nodiscard]] std::uint64_t orders() const { return stored_; }
    /// Looks at everything once more, when nothing moves any more.
    void at_the_end();

    void violate(std::string what);
    /// Nothing is a violation any more; for tests of single stores.
    void look_away() { looks_ = false; }
    [[nodiscard]] const std::optional<std::string>& violation() const { return violation_; }
    /// Of all that happened, in order.
    [[nodiscard]] std::uint64_t trace() const { return trace_; }
    void note(std::uint64_t value);
    void note(const Uuid& id);

private:
    struct Facts {
        std::optional<order::Order> order;
        bool accepted = false;
        bool ended = false;
        std::optional<Instant> announced;  ///< ORDER_CREATED is in the broker
        int charges = 0;
        int refunds = 0;
        std::optional<inventory::Reservation> reservation;
        std::map<std::string, int> messages;  ///< by kind: sent so many times
    };
    struct Product {
        std::int64_t initial = 0;
        std::int64_t held = 0;
        std::int64_t consumed = 0;
        inventory::Item item;
    };
    void check_legs(const order::Order& before, const order::Order& after);
    void check_end(const Facts& facts, const order::Order& order);
    void check_deadline(const Facts& facts, const order::Order& order);
    void final_check(const OrderId& id, const Facts& facts);
    [[nodiscard]] Facts& facts(const OrderId& order) { return facts_[order]; }

    Scheduler& scheduler_;
    const Duration deadline_;
    std::unordered_map<OrderId, Facts> facts_;
    std::map<std::string, Product> products_;
    std::unordered_map<Uuid, bool> events_;  ///< by id: whether the broker has had it
    std::uint64_t stored_ = 0;
    std::uint64_t ended_ = 0;
    bool tail_lost_ = false;
    bool looks_ = true;
    std::optional<Instant> no_deadlines_after_;
    std::optional<std::string> violation_;
    std::uint64_t trace_ = 0xcbf29ce484222325ULL;
};

}  // namespace platform::simulation
