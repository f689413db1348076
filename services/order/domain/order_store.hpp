#pragma once
#include "services/order/domain/order.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace platform::order {

/// A client's name for one request: the same key never places two orders.
struct IdempotencyKey {
    std::string subject;  ///< whose key it is; empty while nobody is identified
    std::string text;     ///< 1..255 printable ASCII characters
    friend auto operator<=>(const IdempotencyKey&, const IdempotencyKey&) = default;
};

struct NewOrder {
    Order order;
    std::optional<IdempotencyKey> key;
    std::string traceparent = {};  ///< of the request; its event carries it on
};

/// One reason to look at an order. With an event id it happens at most once (inbox).
struct Occasion {
    OrderId order_id;
    std::optional<EventId> event_id;
};

/// An order that the sweeper should look at, as the database sees it.
struct Due {
    Order order;
    bool announced = false;  ///< the broker has acknowledged ORDER_CREATED (its outbox row is gone)
    Duration idle{0};        ///< since the last change
    WallTime now;            ///< the database's clock
};

/// The orders in one state that is not an end.
struct OpenOrders {
    std::int64_t count = 0;
    Duration oldest{0};  ///< since the first of them was placed
};

/// Port: orders with their keys, inbox and outbox. Thread-safe.
class OrderStore {
public:
    OrderStore() = default;
    OrderStore(const OrderStore&) = delete;
    OrderStore& operator=(const OrderStore&) = delete;
    virtual ~OrderStore() = default;

    /// One transaction: orders, keys and one ORDER_CREATED each; commits, then hands the events to the relay.
    /// All or nothing. Errors: Conflict (an id or key exists), Unavailable or Timeout (`outcome_unknown` when
    /// it may have been committed).
    [[nodiscard]] virtual Result<void> insert(std::span<const NewOrder> orders) = 0;

    /// The stored order that each of `orders` stands for, by key first, then by id; nothing when there is
    /// none.
    [[nodiscard]] virtual Result<std::vector<std::optional<Order>>> find_placed(
        std::span<const NewOrder> orders
    ) = 0;

    /// Changes the order of occasion `index` (absent = there is none) and gives the events that tell of it.
    using Change = std::function<std::vector<events::Event>(std::size_t index, std::optional<Order>& order)>;
    /// One transaction: admits the occasions that are new, in their order applies `change` to each with its
    /// order locked, stores what changed (by version) and the events, commits, then hands the events to the
    /// relay. All or nothing. `change` never creates an order.
    [[nodiscard]] virtual Result<void> change(std::span<const Occasion> occasions, const Change& change) = 0;

    /// Open orders whose next look is due; each one is put off, longer every time, so that no other process
    /// takes it meanwhile.
    [[nodiscard]] virtual Result<std::vector<Due>> take_due(std::size_t limit, Duration first_pause) = 0;

    [[nodiscard]] virtual Result<std::optional<Order>> find(const OrderId& id) = 0;

    /// Those of `ids` that exist.
    [[nodiscard]] virtual Result<std::map<OrderId, Order>> find_all(std::span<const OrderId> ids);

    /// Where an order stands in the list.
    struct Place {
        WallTime created;
        OrderId id;
        friend auto operator<=>(const Place&, const Place&) = default;
    };
    /// Every condition that is set has to hold.
    struct Query {
        std::optional<Status> status{};
        std::optional<SagaState> saga_state{};
        std::optional<std::string> user_id{};
        std::optional<std::string> product_id{};  ///< in any of its lines
        std::optional<WallTime> from{};  ///< created then or later
        std::optional<WallTime> to{};    ///< created before
        std::optional<Place> after{};    ///< the last one of the previous page
        std::size_t limit = 50;
    };
    /// Newest first. Error: Timeout when too many orders had to be looked at.
    [[nodiscard]] virtual Result<std::vector<Order>> list(const Query& query) = 0;
};

/// Whether `order` meets the conditions of `query`.
[[nodiscard]] bool matches(const Order& order, const OrderStore::Query& query);
[[nodiscard]] OrderStore::Place place_of(const Order& order);

}  // namespace platform::order
