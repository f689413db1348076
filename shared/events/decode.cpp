#include "shared/core/json.hpp"
#include "shared/core/time_text.hpp"
#include "shared/events/events.hpp"
#include "shared/events/field_reader.hpp"
#include "shared/events/wire.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>
#include <vector>

namespace platform::events {
namespace {

using json::Value;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Reads a decimal count of seconds since 1970 ("1763805600.123456789", "1.7638056E9"), as Jackson writes an
/// Instant; digits beyond microseconds are cut. The text is a JSON number already.
Result<WallTime> parse_epoch(std::string_view text) {
    constexpr int kMicroDigits = 6;
    constexpr int kMostShift = 30;
    constexpr std::int64_t kYear10000 = 253'402'300'800'000'000;  // microseconds
    const auto refuse = [] { return fail(ErrorKind::Invalid, "not a time"); };

    std::string digits;
    int shift = kMicroDigits;
    bool point = false;
    std::size_t at = 0;
    for (; at < text.size() && (is_digit(text[at]) || text[at] == '.'); ++at) {
        if (text[at] == '.') {
            point = true;
            continue;
        }
        digits += text[at];
        if (point) --shift;
    }
    if (at < text.size()) {
        if (text[at] != 'e' && text[at] != 'E') return refuse();  // a minus sign ends here too
        std::string_view power = text.substr(at + 1);
        if (power.starts_with('+')) power.remove_prefix(1);
        int exponent = 0;
        const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), exponent);
        if (error != std::errc{} || end != power.data() + power.size()) return refuse();
        if (exponent > kMostShift || exponent < -kMostShift) return refuse();
        shift += exponent;
    }
    if (shift > kMostShift) return refuse();
    if (shift >= 0) {
        digits.append(static_cast<std::size_t>(shift), '0');
    } else {
        digits.resize(digits.size() - std::min(digits.size(), static_cast<std::size_t>(-shift)));
    }
    if (digits.empty()) digits = "0";
    std::int64_t micros = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), micros);
    if (error != std::errc{} || micros >= kYear10000) return refuse();
    return WallTime{std::chrono::microseconds{micros}};
}

Item read_item(FieldReader& in) {
    return {
        .product_id = in.product(), .quantity = in.quantity("quantity", 1), .price = in.money("price")
    };
}

Line read_line(FieldReader& in) {
    return {.product_id = in.product(), .quantity = in.count("quantity", 1)};
}

/// What an order costs that does not say so.
Result<Money> sum_of(const OrderCreated& order) {
    if (order.items.empty()) return order.price.times(order.quantity);
    Result<Money> sum = Money{};
    for (const Item& item : order.items) {
        sum = item.price.times(item.quantity).and_then([&](Money amount) { return sum->plus(amount); });
        if (!sum) break;
    }
    return sum;
}

Payload read_order_created(FieldReader& in) {
    OrderCreated it{
        .user_id = in.optional_text("userId", wire::kMaxUserId),
        .product_id = in.product(),
        .quantity = in.quantity("quantity", 1),
        .price = in.money("price"),
        .amount = {},
        .currency = in.currency(),
        .items = in.items(read_item),
    };
    if (!it.items.empty() && it.items.front() != Item{it.product_id, it.quantity, it.price}) {
        in.refuse("items", "the first one is not the order's product, quantity and price");
    }
    if (const auto amount = in.optional_money("amount")) {
        it.amount = *amount;
    } else if (const auto sum = sum_of(it)) {
        it.amount = *sum;  // the reference system leaves the amount out
    } else {
        in.refuse("price", sum.error().what);
    }
    return it;
}

Payload read_order_completed(FieldReader& in) {
    return OrderCompleted{
        .user_id = in.optional_text("userId", wire::kMaxUserId),
        .amount = in.optional_money("amount").value_or(Money{}),
        .currency = in.currency(),
    };
}

Payload read_order_cancelled(FieldReader& in) {
    return OrderCancelled{
        .code = in.code(FailureCode::CustomerCancelled),
        .reason = in.reason(),
        .user_id = in.optional_text("userId", wire::kMaxUserId),
        .amount = in.optional_money("amount").value_or(Money{}),
        .currency = in.currency(),
    };
}

Payload read_payment_completed(FieldReader& in) {
    return PaymentCompleted{
        .payment_id = in.optional_id<PaymentId>("paymentId").value_or(PaymentId{}),
        .transaction_id = in.optional_text("transactionId", wire::kMaxTransactionId),
        .product_id = in.optional_product(),
        .quantity = in.optional_quantity("quantity"),
        .amount = in.optional_money("amount").value_or(Money{}),
        .currency = in.currency(),
        .user_id = in.optional_text("userId", wire::kMaxUserId),
    };
}

Payload read_payment_failed(FieldReader& in) {
    return PaymentFailed{
        .code = in.code(FailureCode::PaymentDeclined),
        .reason = in.reason(),
        .user_id = in.optional_text("userId", wire::kMaxUserId),
    };
}

Payload read_payment_refunded(FieldReader& in) {
    return PaymentRefunded{
        .payment_id = in.id<PaymentId>("paymentId"),
        .transaction_id = in.optional_text("transactionId", wire::kMaxTransactionId),
        .amount = in.money("amount"),
        .currency = in.currency(),
        .user_id = in.optional_text("userId", wire::kMaxUserId),
    };
}

Payload read_payment_voided(FieldReader& /*in*/) {
    return PaymentVoided{};
}

Payload read_payment_refund_failed(FieldReader& in) {
    return PaymentRefundFailed{.payment_id = in.id<PaymentId>("paymentId"), .reason = in.reason()};
}

Payload read_inventory_reserved(FieldReader& in) {
    return InventoryReserved{
        .product_id = in.product(), .quantity = in.quantity("quantity", 1), .items = in.items(read_line)
    };
}

Payload read_inventory_reservation_failed(FieldReader& in) {
    return InventoryReservationFailed{
        .code = in.code(FailureCode::OutOfStock),
        .reason = in.reason(),
        .product_id = in.optional_product(),
        .quantity = in.optional_quantity("quantity"),
    };
}

Payload read_inventory_released(FieldReader& in) {
    return InventoryReleased{
        .product_id = in.optional_product(),
        .quantity = in.optional_quantity("quantity"),
        .items = in.items(read_line),
    };
}

Payload read_inventory_adjusted(FieldReader& in) {
    return InventoryAdjusted{
        .product_id = in.product(),
        .revision = in.count("revision", 1),
        .available = in.count("available", 0),
        .delta = in.count("delta"),
        .reason = in.reason(),
        .name = in.optional_text("name", wire::kMaxProductName),
        .price = in.optional_money("price"),
        .currency = in.currency(),
    };
}

Payload read_stock_low(FieldReader& in) {
    return StockLow{
        .product_id = in.product(), .available = in.count("available", 0), .low_mark = in.count("lowMark", 0)
    };
}

Payload read_notification_sent(FieldReader& in) {
    return NotificationSent{
        .kind = in.text("kind", wire::kMaxName), .channel = in.text("channel", wire::kMaxName)
    };
}

Payload read_notification_failed(FieldReader& in) {
    return NotificationFailed{
        .kind = in.text("kind", wire::kMaxName),
        .channel = in.text("channel", wire::kMaxName),
        .reason = in.reason(),
    };
}

struct Type {
    std::string_view name;
    Payload (*read)(FieldReader&);
    bool of_product = false;
};
constexpr std::array<Type, 15> kTypes{{
    {.name = "ORDER_CREATED", .read = read_order_created},
    {.name = "ORDER_COMPLETED", .read = read_order_completed},
    {.name = "ORDER_CANCELLED", .read = read_order_cancelled},
    {.name = "PAYMENT_COMPLETED", .read = read_payment_completed},
    {.name = "PAYMENT_FAILED", .read = read_payment_failed},
    {.name = "PAYMENT_REFUNDED", .read = read_payment_refunded},
    {.name = "PAYMENT_VOIDED", .read = read_payment_voided},
    {.name = "PAYMENT_REFUND_FAILED", .read = read_payment_refund_failed},
    {.name = "INVENTORY_RESERVED", .read = read_inventory_reserved},
    {.name = "INVENTORY_RESERVATION_FAILED", .read = read_inventory_reservation_failed},
    {.name = "INVENTORY_RELEASED", .read = read_inventory_released},
    {.name = "INVENTORY_ADJUSTED", .read = read_inventory_adjusted, .of_product = true},
    {.name = "STOCK_LOW", .read = read_stock_low, .of_product = true},
    {.name = "NOTIFICATION_SENT", .read = read_notification_sent},
    {.name = "NOTIFICATION_FAILED", .read = read_notification_failed},
}};
static_assert(kTypes.size() == std::variant_size_v<Payload>);

WallTime read_time(FieldReader& in, std::string_view name) {
    const Value* value = in.present(name);
    if (value == nullptr) return in.refuse(name, "missing"), WallTime{};
    Result<WallTime> time = fail(ErrorKind::Invalid, "neither a number nor a string");
    if (value->is(Value::Kind::Number)) time = parse_epoch(value->text());
    if (value->is(Value::Kind::String)) time = parse_rfc3339(value->text());
    if (!time) in.refuse(name, time.error().what);
    return time.value_or(WallTime{});
}

Result<Metadata> read_metadata(const Value& envelope) {
    const Value* object = envelope.find("metadata");
    if (object == nullptr || !object->is(Value::Kind::Object))
        return fail(ErrorKind::Invalid, "metadata: not an object");
    FieldReader in{*object};
    Metadata metadata{
        .event_id = in.id<EventId>("eventId"),
        .correlation_id = in.text("correlationId", 128),
        .causation_id = in.optional_id<EventId>("causationId"),
        .occurred_at = read_time(in, "occurredAt"),
        .source_service = in.text("sourceService", wire::kMaxName),
    };
    in.version("version");
    if (in.fault().empty() && metadata.event_id.uuid.is_nil()) in.refuse("eventId", "nil");
    if (in.fault().empty() && !valid_correlation_id(metadata.correlation_id))
        in.refuse("correlationId", "not valid");
    if (!in.fault().empty()) return fail(ErrorKind::Invalid, "metadata/" + in.fault());
    return metadata;
}

/// The order of an envelope; nil when it has none. A type that nobody knows may belong to something else.
OrderId read_order_id(FieldReader& in, bool required) {
    const auto order_id = in.optional_id<OrderId>("orderId");
    if (!order_id) {
        if (required) in.refuse("orderId", "missing");
        return {};
    }
    if (order_id->uuid.is_nil()) in.refuse("orderId", "nil");
    if (in.optional_id<OrderId>("aggregateId").value_or(*order_id) != *order_id)
        in.refuse("aggregateId", "not the order");
    return *order_id;
}

void check_product_envelope(FieldReader& in, const OrderId& order_id, const Payload& payload) {
    if (!order_id.uuid.is_nil()) in.refuse("orderId", "not an event of an order");
    const auto aggregate = in.optional_text("aggregateId", wire::kMaxName);
    if (!aggregate.empty() && aggregate != product_key(payload)) in.refuse("aggregateId", "not the product");
}

}  // namespace

Result<std::variant<Event, UnknownEvent>> decode(std::string_view value) {
    const auto parsed = json::parse(value, {.max_depth = wire::kMaxDepth, .max_bytes = wire::kMaxBytes});
    if (!parsed) return fail(ErrorKind::Invalid, parsed.error().pointer + ": " + parsed.error().message);
    if (!parsed->is(Value::Kind::Object)) return fail(ErrorKind::Invalid, "not an object");

    auto metadata = read_metadata(*parsed);
    if (!metadata) return fail(std::move(metadata).error());
    FieldReader in{*parsed};
    std::string type = in.text("eventType", wire::kMaxName);
    in.version("version");
    const auto* const known = std::ranges::find(kTypes, type, &Type::name);
    const bool of_order = known != kTypes.end() && !known->of_product;
    const auto order_id = read_order_id(in, of_order);
    if (!in.fault().empty()) return fail(ErrorKind::Invalid, in.fault());
    if (known == kTypes.end()) {
        return UnknownEvent{.metadata = *std::move(metadata), .order_id = order_id, .type = std::move(type)};
    }
    Payload payload = known->read(in);
    if (known->of_product) check_product_envelope(in, order_id, payload);
    if (!in.fault().empty()) return fail(ErrorKind::Invalid, in.fault());
    return Event{.metadata = *std::move(metadata), .order_id = order_id, .payload = std::move(payload)};
}

}  // namespace platform::events
