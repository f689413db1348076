#include "services/inventory/domain/reservation.hpp"
#include "services/notification/domain/message.hpp"
#include "services/notification/domain/notice.hpp"
#include "services/order/domain/order.hpp"
#include "services/payment/domain/payment.hpp"
#include "shared/core/check.hpp"
#include "shared/events/events.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The values of records, one a line, as they come out of the topics. What can be decoded means the same when it is encoded again; each event then meets the
// domains of all services, in whatever order the input has, together with what the services answer: nothing goes back, no stock is made, and whatever
// is told can be read.

namespace platform {
namespace {

using events::Event;

constexpr std::size_t kMostEvents = 64;
constexpr std::int64_t kStock = 1000;
constexpr std::string_view kProduct = "P-1001";

/// The order that the services know, as the samples of the corpus name it.
OrderId known_order() {
    return OrderId::parse("01930000-0000-7000-8000-00000000000a").value();
}

class World {
public:
    World() {
        const auto price = Money::of_units(1'999'900);
        const order::Content content{
            .user_id = "customer-7", .product_id = std::string(kProduct), .quantity = 3, .price = price,
            .amount = price.times(3).value(), .currency = "EUR"
        };
        order_ = order::place(known_order(), content, "web:7a1e.42", WallTime{});
        stocks_.emplace(kProduct, inventory::Stock(kStock, 10));
        stocks_.emplace("P-2", inventory::Stock(kStock));
    }

    void meet(const Event& event) {
        meet_order(event);
        meet_payment(event);
        meet_stock(event);
        meet_customer(event);
    }
    /// What the services told; the next thing that arrives.
    std::optional<Event> take_told() {
        if (told_.empty()) return std::nullopt;
        Event event = std::move(told_.front());
        told_.pop_front();
        return event;
    }

private:
    Uuid next_id() { return Uuid::of_name("id " + std::to_string(++ids_)); }
    template <class Stamp>
    Stamp stamp() {
        return {.next_id = [this] { return next_id(); }, .now = WallTime{}};
    }

    void tell(const std::vector<Event>& told) {
        for (const Event& event : told) {
            const auto read = events::decode(events::encode(event));
            CHECK(read && std::holds_alternative<Event>(*read), "what a service tells can be read");
            told_.push_back(std::get<Event>(*read));
        }
    }

    void meet_order(const Event& event) {
        if (events::product_key(event.payload) || event.order_id != order_.id) return;
        const auto before = order_;
        tell(order::on_event(order_, event, stamp<order::Stamp>()));
        const bool ended = order::terminal(before.state());
        CHECK(!ended || order_.state() == before.state(), "an ended order stays as it is");
        CHECK(!before.saga.failure || order_.saga.failure, "a cancelled order stays cancelled");
        CHECK(before.saga.payment == order::PaymentLeg::Pending || order_.saga.payment != order::PaymentLeg::Pending, "a leg does not go back");
        CHECK(before.saga.inventory == order::InventoryLeg::Pending || order_.saga.inventory != order::InventoryLeg::Pending, "a leg does not go back");
        const auto version = order_.version;
        CHECK(version == before.version || version == before.version + 1, "one event, one change");
        CHECK(order::on_event(order_, event, stamp<order::Stamp>()).empty() && order_.version == version, "an event counts once");
        CHECK(order_.content == before.content, "what was ordered stays");
    }

    void meet_payment(const Event& event) {
        auto& payment = payments_[event.order_id];
        tell(payment::on_order_event(event, payment, stamp<payment::Stamp>()));
        if (!payment || !payment::open(payment->state)) return;
        const bool accepted = event.metadata.event_id.uuid.bytes()[15] % 4 != 0;
        const payment::Outcome outcome{
            .accepted = accepted, .reference = accepted ? "t-1" : "", .reason = accepted ? "" : "The card was declined."
        };
        if (payment->state == payment::State::Refunding) {
            tell(payment::on_refunded(*payment, outcome, 1, stamp<payment::Stamp>()));
        } else {
            tell(payment::on_charged(*payment, outcome, stamp<payment::Stamp>()));
        }
        const auto settled = *payment;
        CHECK(payment::on_charged(*payment, outcome, stamp<payment::Stamp>()).empty() && *payment == settled, "a charge is settled once");
    }

    void meet_stock(const Event& event) {
        if (!inventory::concerns_stock(event.payload)) return;
        auto& reservation = reservations_[event.order_id];
        for (auto& product : inventory::products_of(event, reservation)) stocks_.try_emplace(std::move(product));
        tell(inventory::on_order_event(event, reservation, stocks_, stamp<inventory::Stamp>()).answers);
        std::int64_t held = 0;
        for (const auto& [id, each] : reservations_) {
            if (!each || each->state != inventory::State::Reserved) continue;
            for (const auto& line : inventory::taken_by(*each)) held += line.product_id == kProduct ? line.quantity : 0;
        }
        const auto& stock = stocks_.at(std::string(kProduct));
        CHECK(stock.available() >= 0 && stock.available() <= kStock, "no stock is made, and none is sold twice");
        CHECK(stock.reserved_change() == held, "what is held is held for somebody");
    }

    void meet_customer(const Event& event) {
        static const auto kTemplates = notification::usual_templates();
        const auto notice = notification::notice_of(event);
        if (!notice) return;
        for (const auto& message : notification::compose(*notice, nullptr, kTemplates, {})) {
            CHECK(!message.subject.empty() && !message.body.empty(), "a message says something");
            CHECK(message.subject.size() <= 255 * 4 && message.body.size() <= 2000 * 4, "a message fits its columns");
            CHECK(message.message_id.size() <= 255 && message.recipient.size() <= 255, "a message fits its columns");
            const auto head = message.subject + message.recipient + message.message_id;
            CHECK(head.find_first_of("\r\n") == std::string::npos, "nobody adds a header to a message");
        }
    }

    order::Order order_;
    std::map<OrderId, std::optional<payment::Payment>> payments_;
    std::map<OrderId, std::optional<inventory::Reservation>> reservations_;
    inventory::Stocks stocks_;
    std::deque<Event> told_;
    std::uint64_t ids_ = 0;
};

std::optional<Event> decoded(std::string_view value) {
    auto read = events::decode(value);
    if (!read) {
        CHECK(read.error().kind == ErrorKind::Invalid && !read.error().what.empty(), "what is refused goes to the dead letters, with a reason");
        return std::nullopt;
    }
    if (const auto* unknown = std::get_if<events::UnknownEvent>(&*read)) {
        CHECK(!unknown->type.empty(), "an event has a type");
        return std::nullopt;
    }
    auto event = std::get<Event>(*std::move(read));
    const std::string text = events::encode(event);
    const auto again = events::decode(text);
    CHECK(again && std::holds_alternative<Event>(*again), "what was read can be written and read");
    CHECK(events::encode(std::get<Event>(*again)) == text, "and means the same");
    CHECK(events::key_of(event) == events::key_of(std::get<Event>(*again)) && !events::key_of(event).empty(), "under the same key");
    return event;
}

}  // namespace
}  // namespace platform

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    platform::World world;
    for (std::size_t met = 0; met < platform::kMostEvents && !rest.empty(); ++met) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const auto event = platform::decoded(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (event) world.meet(*event);
        for (std::size_t told = 0; told < 4; ++told) {
            if (const auto answer = world.take_told()) world.meet(*answer);
        }
    }
    return 0;
}
