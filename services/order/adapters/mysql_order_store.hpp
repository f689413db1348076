#pragma once
#include "services/order/domain/order_store.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/mysql/pool.hpp"
#include "shared/outbox/relay.hpp"
#include "shared/service/service_config.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace platform::order {

/// Orders in MySQL, with keys, inbox and outbox in the same transaction. Locks orders sorted by id over the
/// whole batch, so that two batches cannot wait for each other. Thread-safe.
class MysqlOrderStore final : public OrderStore {
public:
    struct Options {
        std::string group = "order-service";
        service::Topics topics;
        Duration first_look = std::chrono::seconds(30);  ///< of the sweeper at a new order
        Duration key_wait =
            std::chrono::seconds(1);  ///< for another transaction with the same Idempotency-Key
        Duration lock_wait = std::chrono::seconds(5);  ///< what the pool's sessions have otherwise
    };
    MysqlOrderStore(Options options, mysql::Pool& pool, outbox::Relay& relay);

    [[nodiscard]] Result<void> insert(std::span<const NewOrder> orders) override;
    [[nodiscard]] Result<std::vector<std::optional<Order>>> find_placed(std::span<const NewOrder> orders
    ) override;
    [[nodiscard]] Result<void> change(std::span<const Occasion> occasions, const Change& change) override;
    [[nodiscard]] Result<std::vector<Due>> take_due(std::size_t limit, Duration first_pause) override;
    [[nodiscard]] Result<std::optional<Order>> find(const OrderId& id) override;
    [[nodiscard]] Result<std::map<OrderId, Order>> find_all(std::span<const OrderId> ids) override;
    [[nodiscard]] Result<std::vector<Order>> list(const Query& query) override;

    /// Called after every COMMIT of change() with the orders that it changed, by its caller's thread. Set it before use.
    void on_change(std::function<void(std::span<const OrderId>)> listener) { on_change_ = std::move(listener); }

    /// The orders in each state that is not an end. Error: Timeout when they are too many to count.
    [[nodiscard]] Result<std::map<SagaState, OpenOrders>> count_open();

    /// Deletes at most `limit` Idempotency-Keys older than `retention`. Gives the count.
    [[nodiscard]] Result<std::uint64_t> purge_keys(Duration retention, std::size_t limit);

private:
    [[nodiscard]] Result<void>
    insert_in(mysql::Session& session, std::span<const NewOrder> orders, bool keyed);
    [[nodiscard]] outbox::OutboxRow row_of(const events::Event& event) const;

    Options options_;
    mysql::Pool& pool_;
    outbox::Relay& relay_;
    std::function<void(std::span<const OrderId>)> on_change_;
};

}  // namespace platform::order
