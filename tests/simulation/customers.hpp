#pragma once
#include "services/order/domain/order_store.hpp"
#include "tests/simulation/services.hpp"
#include "tests/simulation/world.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>

namespace platform::simulation {

/// Places orders of all kinds at random times, twice now and then, cancels some, and believes what it is told. One thread.
class Customers {
public:
    explicit Customers(World& world) : world_(world) {}

    /// `count` orders, spread over `time`.
    void come(std::size_t count, Duration time);
    /// True when nobody waits for an answer any more.
    [[nodiscard]] bool gone() const { return waiting_ == 0; }
    [[nodiscard]] std::uint64_t accepted() const { return accepted_; }

private:
    /// One wish for an order, and the tries to place it.
    struct Wish {
        OrderId id;
        order::Content content;
        std::string key;     ///< empty without an Idempotency-Key
        bool rival = false;  ///< another wish has the same key and another content
        int tries = 0;
        bool settled = false;
    };
    using Shared = std::shared_ptr<Wish>;  // by the tries and the events of one wish

    [[nodiscard]] order::Content any_content();
    void place(const Shared& wish);
    void answered(const Shared& wish, const order::PlaceAnswer& answer);
    void accept(const Shared& wish, const order::Placed& placed);
    void again_later(const Shared& wish);
    void settle(const Shared& wish);
    void cancel(const OrderId& id, int tries);
    [[nodiscard]] Process& any_replica();

    World& world_;
    std::size_t waiting_ = 0;
    std::uint64_t accepted_ = 0;
    std::uint64_t made_ = 0;
    std::map<std::string, OrderId> by_key_;
};

/// What is on sale: some of it is plenty, some of it never enough.
void seed_stock(World& world);

}  // namespace platform::simulation
