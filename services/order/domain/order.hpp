#pragma once
#include "services/order/domain/saga.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/money.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace platform::order {

/// What a customer asks for; valid by construction (place_order.hpp).
struct Content {
    std::string user_id;  ///< may be empty
    std::string product_id;
    std::int32_t quantity = 0;
    Money price;   ///< of one piece
    Money amount;  ///< of the whole order
    std::string currency;
    std::vector<events::Item> items = {};  ///< all lines when there are several; the fields above repeat the first one
    friend bool operator==(const Content&, const Content&) = default;
};

/// When each step happened; absent = not yet.
struct Times {
    WallTime created;
    std::optional<WallTime> sent;       ///< when the sweeper first saw that the broker has ORDER_CREATED; the
                                        ///< deadline counts from here
    std::optional<WallTime> payment;    ///< completed or failed
    std::optional<WallTime> inventory;  ///< reserved or failed
    std::optional<WallTime> decided;    ///< completed, or cancelled
    std::optional<WallTime> payment_undone;  ///< refunded, voided, or the refund failed
    std::optional<WallTime> inventory_undone;
    std::optional<WallTime> closed;  ///< set exactly when the saga is terminal
};

struct Order {
    OrderId id;
    Content content;
    std::string correlation_id;
    Saga saga;
    Times times;
    std::int64_t version = 1;  ///< grows with every change; the ETag

    [[nodiscard]] SagaState state() const { return state_of(saga); }
};

/// Gives identity and time to what the domain makes.
struct Stamp {
    std::function<Uuid()> next_id;
    WallTime now;
};

/// A new order as it is stored and announced.
[[nodiscard]] Order place(OrderId id, Content content, std::string correlation_id, WallTime now);

/// The event that announces a new order. Its id is the order's id: repeating the insert after an unknown
/// COMMIT gives the same row.
[[nodiscard]] events::Event created_event(const Order& order);

/// An event of payment or inventory meets its order. Gives what has to be told (at most one event). `order`
/// is unchanged when there is nothing new.
[[nodiscard]] std::vector<events::Event>
on_event(Order& order, const events::Event& event, const Stamp& stamp);

/// A cancel by the customer, or by the deadline. Nothing to tell when the order is decided already.
[[nodiscard]] std::vector<events::Event> on_cancel(Order& order, Failure failure, const Stamp& stamp);

/// Asks again what has not been answered, with a new event id: ORDER_CREATED, or ORDER_CANCELLED while
/// compensating. Nothing when terminal.
[[nodiscard]] std::vector<events::Event> ask_again(const Order& order, const Stamp& stamp);

/// What was told of an order, told again under new event ids: its creation, its decision (if there is one).
[[nodiscard]] std::vector<events::Event>
tell_again(const Order& order, bool creation, bool decision, const std::function<Uuid()>& next_id);

/// All lines of an order, of which there is at least one.
[[nodiscard]] std::vector<events::Item> lines_of(const Content& content);

/// One line of an order's journey.
struct StepDone {
    std::string_view step;
    WallTime at;
};
/// In the order of time.
[[nodiscard]] std::vector<StepDone> steps_of(const Order& order);

}  // namespace platform::order
