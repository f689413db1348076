#pragma once
#include "services/order/domain/order_store.hpp"
#include "shared/outbox/relay.hpp"
#include "tests/simulation/database.hpp"

#include <map>
#include <set>

namespace platform::simulation {

/// orders_db. One thread.
class OrderDatabase : public Database {
public:
    using Database::Database;
    struct Row {
        order::Order order;
        Uuid announced_by;  ///< the outbox row of its ORDER_CREATED
        Instant updated_at;
        std::optional<Instant> next_look;
        int looks = 0;
    };
    [[nodiscard]] const Row* find(const OrderId& id) const;
    void insert_order(const order::NewOrder& order, const Uuid& announced_by, Instant first_look);
    void update_order(const order::Order& order);
    [[nodiscard]] std::vector<OrderId> due(std::size_t limit) const;
    void put_off(const OrderId& id, Duration first_pause);

    std::map<order::IdempotencyKey, OrderId> keys;
    std::map<OrderId, Row> orders;

private:
    void look_at(const OrderId& id, Row& row, std::optional<Instant> when);
    std::set<std::pair<Instant, OrderId>> looks_;
};

/// Does what the MySQL adapter does, step by step.
class SimulatedOrderStore final : public order::OrderStore {
public:
    SimulatedOrderStore(Session session, OrderDatabase& database, outbox::Relay& relay, Duration first_look)
        : session_(session), database_(database), relay_(relay), first_look_(first_look) {}
    [[nodiscard]] Result<void> insert(std::span<const order::NewOrder> orders) override;
    [[nodiscard]] Result<std::vector<std::optional<order::Order>>> find_placed(
        std::span<const order::NewOrder> orders
    ) override;
    [[nodiscard]] Result<void> change(std::span<const order::Occasion> occasions, const Change& change) override;
    [[nodiscard]] Result<std::vector<order::Due>> take_due(std::size_t limit, Duration first_pause) override;
    [[nodiscard]] Result<std::optional<order::Order>> find(const OrderId& id) override;
    [[nodiscard]] Result<std::vector<order::Order>> list(const Query& query) override;

private:
    Session session_;
    OrderDatabase& database_;
    outbox::Relay& relay_;
    const Duration first_look_;
};

}  // namespace platform::simulation
