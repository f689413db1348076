#include "tests/simulation/customers.hpp"

#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace platform::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kPatience = seconds(3);
constexpr int kMostTries = 20;
constexpr std::size_t kProducts = 8;

std::string product_named(std::size_t number) {
    return "P-" + std::to_string(1000 + number);
}

}  // namespace

void seed_stock(World& world) {
    for (std::size_t i = 0; i < kProducts; ++i) {
        const std::int64_t available = i < 2 ? 10 : 1'000'000;
        world.stock.seed({.product_id = product_named(i), .available = available, .reserved = 0});
    }
}

void Customers::come(std::size_t count, Duration time) {
    for (std::size_t i = 0; i < count; ++i) {
        world_.scheduler.after(world_.random.between(Duration{0}, time), [this] {
            Random& random = world_.random;
            auto wish = std::make_shared<Wish>();
            wish->id = OrderId{Uuid::of_name("order " + std::to_string(++made_))};
            wish->content = any_content();
            if (random.chance(0.3)) wish->key = "key-" + std::to_string(made_);
            const bool again = random.chance(0.1);
            waiting_ += again ? 2 : 1;
            if (again) {
                auto twin = std::make_shared<Wish>(*wish);
                if (!wish->key.empty()) {
                    twin->id = OrderId{Uuid::of_name("order " + std::to_string(++made_))};
                    if (random.chance(0.2)) {
                        twin->content = any_content();
                        twin->rival = wish->rival = twin->content != wish->content;
                    }
                }
                world_.scheduler.after(random.delay(milliseconds(1), seconds(5)), [this, twin] { place(twin); });
            }
            place(wish);
        });
    }
}

order::Content Customers::any_content() {
    Random& random = world_.random;
    order::Content content;
    content.user_id = "user-" + std::to_string(random.below(100));
    content.product_id = product_named(random.below(kProducts));
    if (random.chance(0.03)) content.product_id = "unknown";
    content.quantity = static_cast<std::int32_t>(1 + random.below(3));
    content.price = random.chance(0.05) ? world_.bank.declined_price
                                        : Money::of_units(static_cast<std::int64_t>(1 + random.below(1'000'000)));
    content.amount = content.price.times(content.quantity).value();
    content.currency = "EUR";
    return content;
}

Process& Customers::any_replica() {
    return *world_.order_services[world_.random.below(world_.order_services.size())];
}

void Customers::place(const Shared& wish) {
    ++wish->tries;
    Process& process = any_replica();
    auto* service = process.running() ? static_cast<OrderService*>(process.program()) : nullptr;
    if (service == nullptr) return again_later(wish);
    // One answer, or none: whichever comes first counts.
    auto open = std::make_shared<bool>(true);
    order::Job job{
        .order =
            {.order = order::place(wish->id, wish->content, "correlation-1", process.clock().wall()),
             .key = wish->key.empty()
                        ? std::nullopt
                        : std::optional(order::IdempotencyKey{.subject = "", .text = wish->key})},
        .answer =
            [this, wish, open](const order::PlaceAnswer& answer) {
                if (std::exchange(*open, false)) answered(wish, answer);
            },
    };
    if (!service->place(job)) {
        *open = false;
        return again_later(wish);
    }
    world_.scheduler.after(kPatience, [this, wish, open] {
        if (std::exchange(*open, false)) again_later(wish);
    });
}

void Customers::answered(const Shared& wish, const order::PlaceAnswer& answer) {
    if (answer) return accept(wish, *answer);
    switch (answer.error()) {
        case order::Refused::KeyReused:
            if (!wish->rival) world_.checker.violate("a key stands for another order: " + wish->key);
            return settle(wish);
        case order::Refused::IdReused:
            return world_.checker.violate("an id stands for another order: " + wish->id.text());
        case order::Refused::Failed:
            return world_.checker.violate("a fault of ours: " + wish->id.text());
        case order::Refused::InProgress:
        case order::Refused::OutcomeUnknown:
        case order::Refused::Unavailable:
            return again_later(wish);
    }
}

void Customers::accept(const Shared& wish, const order::Placed& placed) {
    ++accepted_;
    world_.checker.accepted(placed.id);
    if (wish->key.empty() && placed.id != wish->id) {
        world_.checker.violate("another order was accepted: " + wish->id.text());
    }
    if (!wish->key.empty()) {
        const auto known = by_key_.try_emplace(wish->key, placed.id).first;
        if (known->second != placed.id) world_.checker.violate("two orders for one key: " + wish->key);
    }
    if (world_.random.chance(0.1)) {
        world_.scheduler.after(world_.random.delay(milliseconds(5), seconds(20)), [this, id = placed.id] {
            cancel(id, 0);
        });
    }
    settle(wish);
}

/// A customer who was not answered tries again, for a while; a keyed request may come with another id.
void Customers::again_later(const Shared& wish) {
    Random& random = world_.random;
    if (wish->tries >= kMostTries || random.chance(0.02)) return settle(wish);
    if (!wish->key.empty() && random.chance(0.5)) {
        wish->id = OrderId{Uuid::of_name("order " + std::to_string(++made_))};
    }
    world_.scheduler.after(random.delay(milliseconds(100), seconds(10)), [this, wish] { place(wish); });
}

void Customers::settle(const Shared& wish) {
    if (!std::exchange(wish->settled, true)) --waiting_;
}

void Customers::cancel(const OrderId& id, int tries) {
    const auto later = [this, id, tries] {
        if (tries < kMostTries) world_.scheduler.after(seconds(1), [this, id, tries] { cancel(id, tries + 1); });
    };
    Process& process = any_replica();
    if (!process.running()) return later();
    static_cast<OrderService*>(process.program())
        ->request([&process, id, later](order::OrderStore& store, UuidGenerator& ids) {
            const order::Stamp stamp{.next_id = [&ids] { return ids.next(); }, .now = process.clock().wall()};
            const std::array occasion{order::Occasion{.order_id = id, .event_id = std::nullopt}};
            const auto done = store.change(occasion, [&](std::size_t, std::optional<order::Order>& order) {
                if (!order) return std::vector<events::Event>{};
                return on_cancel(
                    *order,
                    {.code = events::FailureCode::CustomerCancelled, .reason = "The customer cancelled the order."},
                    stamp
                );
            });
            if (!done) later();
        });
}

}  // namespace platform::simulation
