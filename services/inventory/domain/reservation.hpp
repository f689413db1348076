#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"

#include <cstdint>
#include <functional>
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
    std::string product_id;     ///< empty for a tombstone
    std::int32_t quantity = 0;  ///< that was reserved or asked for; 0 for a tombstone
    std::optional<events::FailureCode> failure_code;
    std::string correlation_id;

    friend bool operator==(const Reservation&, const Reservation&) = default;
};

/// Why stock moved; the ledger keeps every movement for ever.
enum class Movement : std::uint8_t { Initial, Reserved, Released };
[[nodiscard]] std::string_view to_string(Movement movement);

/// Stock of one product inside a transaction; what is taken and given back here is written by the store as one relative change.
/// One thread.
class Stock {
public:
    Stock() = default;  ///< of a product that does not exist
    explicit Stock(std::int64_t available) : known_(true), available_(available) {}
    [[nodiscard]] bool known() const { return known_; }
    [[nodiscard]] std::int64_t available() const { return available_ + available_change_; }
    [[nodiscard]] std::int64_t available_change() const { return available_change_; }
    [[nodiscard]] std::int64_t reserved_change() const { return reserved_change_; }

    [[nodiscard]] bool take(std::int32_t quantity);  ///< false when there is not enough
    void give_back(std::int32_t quantity);
    void consume(std::int32_t quantity) { reserved_change_ -= quantity; }

private:
    bool known_ = false;
    std::int64_t available_ = 0;
    std::int64_t available_change_ = 0;
    std::int64_t reserved_change_ = 0;
};

struct LedgerEntry {
    std::string product_id;
    OrderId order_id;
    std::int64_t delta = 0;  ///< of `available`
    Movement movement = Movement::Initial;
};

/// Gives identity and time to what the domain makes.
struct Stamp {
    std::function<Uuid()> next_id;
    WallTime now;
};

struct Effects {
    std::vector<events::Event> answers;
    std::vector<LedgerEntry> ledger;
};

/// The product whose stock an event may move, given the reservation of its order (absent = none yet); empty when none does.
[[nodiscard]] std::string product_of(const events::Event& event, const std::optional<Reservation>& reservation);

/// An order event meets the reservation of its order. `stock` is that of product_of(). Every event is possible in every state; a repeated one is answered with the
/// current state and moves nothing.
[[nodiscard]] Effects on_order_event(
    const events::Event& event, std::optional<Reservation>& reservation, Stock& stock, const Stamp& stamp
);

}  // namespace platform::inventory
