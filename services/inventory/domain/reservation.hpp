#pragma once
#include "services/inventory/domain/ledger.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace platform::inventory {

/// The life of a reservation. Reserved -> Consumed (the order was completed) or Released (it was cancelled). Failed and Released are also
/// first states: nothing was taken, and nothing will be (Released before any reservation is the tombstone of an early cancel).
enum class State : std::uint8_t { Reserved, Failed, Consumed, Released };

[[nodiscard]] std::string_view to_string(State state);
[[nodiscard]] std::optional<State> parse_state(std::string_view text);

struct Reservation {
    OrderId order_id;
    State state = State::Reserved;
    std::string product_id;     ///< the first of the order; of a failed one, the product that was short or unknown; empty for a tombstone
    std::int32_t quantity = 0;  ///< of that product; 0 for a tombstone
    std::optional<events::FailureCode> failure_code;
    std::string correlation_id;
    /// Of an order over several products: all that was taken, one line a product, in their order. Otherwise empty: product and quantity above say it.
    std::vector<events::Line> lines = {};

    friend bool operator==(const Reservation&, const Reservation&) = default;
};

/// What a reservation holds or held: its lines, or its one product. Nothing for a tombstone and for what failed.
[[nodiscard]] std::vector<events::Line> taken_by(const Reservation& reservation);
/// What an order wants, one line a product, in order of the products.
[[nodiscard]] std::vector<events::Line> wanted_by(const events::OrderCreated& order);

/// Stock of one product inside a transaction; what is taken and given back here is written by the store as one relative change.
/// One thread.
class Stock {
public:
    Stock() = default;  ///< of a product that does not exist
    explicit Stock(std::int64_t available, std::int64_t low_mark = 0)
        : known_(true), available_(available), low_mark_(low_mark) {}
    [[nodiscard]] bool known() const { return known_; }
    [[nodiscard]] std::int64_t available() const { return available_ + available_change_; }
    [[nodiscard]] std::int64_t available_change() const { return available_change_; }
    [[nodiscard]] std::int64_t reserved_change() const { return reserved_change_; }
    [[nodiscard]] std::int64_t low_mark() const { return low_mark_; }
    [[nodiscard]] bool low() const { return available() < low_mark_; }

    [[nodiscard]] bool take(std::int64_t quantity);  ///< false when there is not enough
    void give_back(std::int64_t quantity);
    void consume(std::int64_t quantity) { reserved_change_ -= quantity; }

private:
    bool known_ = false;
    std::int64_t available_ = 0;
    std::int64_t low_mark_ = 0;
    std::int64_t available_change_ = 0;
    std::int64_t reserved_change_ = 0;
};
/// By product id.
using Stocks = std::map<std::string, Stock>;

/// Gives identity and time to what the domain makes.
struct Stamp {
    std::function<Uuid()> next_id;
    WallTime now;
};

struct Effects {
    std::vector<events::Event> answers;
    std::vector<LedgerEntry> ledger;
};

/// Whether an event of order.events can have any effect here.
[[nodiscard]] bool concerns_stock(const events::Payload& payload);
/// Whether an event is answered. Those alone need the inbox: what is not answered moves a reservation at most once, by its state.
[[nodiscard]] bool is_answered(const events::Payload& payload);

/// The products whose stock an event may move, given the reservation of its order (absent = none yet).
[[nodiscard]] std::vector<std::string>
products_of(const events::Event& event, const std::optional<Reservation>& reservation);

/// An order event meets the reservation of its order. `stocks` holds at least those of products_of(). All lines of an order are taken or none is. Every event is possible
/// in every state; a repeated one is answered with the current state and moves nothing. A product whose stock gets low is told as well.
[[nodiscard]] Effects on_order_event(
    const events::Event& event, std::optional<Reservation>& reservation, Stocks& stocks, const Stamp& stamp
);

}  // namespace platform::inventory
