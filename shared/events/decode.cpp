#include "shared/core/json.hpp"
#include "shared/core/time_text.hpp"
#include "shared/events/events.hpp"
#include "shared/events/wire.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <format>
#include <limits>
#include <utility>

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

/// Reads the members of one object. The first thing that is wrong is kept and everything after it gives empty
/// values, so that a reader is a plain list of fields and one check at its end. One thread.
class Reader {
public:
    explicit Reader(const Value& object) : object_(object) {}

    [[nodiscard]] const std::string& fault() const { return fault_; }

    void refuse(std::string_view name, std::string_view why) {
        if (fault_.empty()) fault_ = std::format("{}: {}", name, why);
    }

    /// A string of at most `longest` characters without control characters; absent and null are "".
    std::string optional_text(std::string_view name, std::size_t longest) {
        const Value* value = present(name);
        if (value == nullptr) return {};
        if (!value->is(Value::Kind::String)) return refuse(name, "not a string"), std::string{};
        std::size_t characters = 0;
        for (const char c : value->text()) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < 0x20 || byte == 0x7F) return refuse(name, "control character"), std::string{};
            if ((byte & 0xC0U) != 0x80U) ++characters;
        }
        if (characters > longest) return refuse(name, "too long"), std::string{};
        return value->text();
    }
    std::string text(std::string_view name, std::size_t longest) {
        std::string value = optional_text(name, longest);
        if (value.empty()) refuse(name, "missing or empty");
        return value;
    }

    /// A reason may hold line breaks of a foreign writer; they become spaces.
    std::string reason() {
        const Value* value = present("reason");
        if (value == nullptr) return {};
        if (!value->is(Value::Kind::String)) return refuse("reason", "not a string"), std::string{};
        if (value->text().size() > wire::kMaxReason * 4) return refuse("reason", "too long"), std::string{};
        std::string text = value->text();
        std::ranges::replace_if(
            text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' '
        );
        return text;
    }

    template <class IdType>
    IdType id(std::string_view name) {
        auto value = optional_id<IdType>(name);
        if (!value) refuse(name, "missing");
        return value.value_or(IdType{});
    }
    template <class IdType>
    std::optional<IdType> optional_id(std::string_view name) {
        const Value* value = present(name);
        if (value == nullptr) return std::nullopt;
        const auto parsed =
            value->is(Value::Kind::String) ? IdType::parse(value->text()) : fail(ErrorKind::Invalid, "");
        if (!parsed) return refuse(name, "not a UUID"), std::nullopt;
        return *parsed;
    }

    std::int32_t quantity(std::string_view name, std::int32_t least) {
        const Value* value = present(name);
        if (value == nullptr) return refuse(name, "missing"), 0;
        const std::int32_t number = integer(name, *value);
        if (number < least) refuse(name, "out of range");
        return number;
    }
    std::int32_t optional_quantity(std::string_view name) {
        return present(name) == nullptr ? 0 : quantity(name, 0);
    }

    /// An amount that is not negative; a JSON number on the reference system's fields, a string on ours.
    /// Either is taken.
    std::optional<Money> optional_money(std::string_view name) {
        const Value* value = present(name);
        if (value == nullptr) return std::nullopt;
        if (!value->is(Value::Kind::Number) && !value->is(Value::Kind::String))
            return refuse(name, "not an amount"), std::nullopt;
        const auto amount = Money::parse(value->text());
        if (!amount) return refuse(name, amount.error().what), std::nullopt;
        if (*amount < Money{}) return refuse(name, "negative"), std::nullopt;
        return *amount;
    }
    Money money(std::string_view name) {
        const auto amount = optional_money(name);
        if (!amount) refuse(name, "missing");
        return amount.value_or(Money{});
    }
    std::string currency() {
        std::string code = optional_text("currency", 3);
        if (code.empty()) return std::string(kDefaultCurrency);
        if (!valid_currency(code)) refuse("currency", "not three upper-case letters");
        return code;
    }
    std::string product() {
        std::string id = optional_text("productId", wire::kMaxName);
        if (!valid_product_id(id)) refuse("productId", "not a product id");
        return id;
    }
    std::string optional_product() {
        const Value* value = present("productId");
        const bool empty = value == nullptr || (value->is(Value::Kind::String) && value->text().empty());
        return empty ? std::string{} : product();
    }

    /// An absent code, or one of a later version, is `usual`: that the leg failed matters more than why.
    FailureCode code(FailureCode usual) {
        return parse_code(optional_text("code", wire::kMaxName)).value_or(usual);
    }

    void version(std::string_view name) {
        const Value* value = present(name);
        if (value == nullptr) return refuse(name, "missing");
        if (integer(name, *value) != kVersion) refuse(name, "not a version this reader knows");
    }

    const Value* present(std::string_view name) const {
        if (!fault_.empty()) return nullptr;
        const Value* value = object_.find(name);
        return value != nullptr && value->is(Value::Kind::Null) ? nullptr : value;
    }

private:
    std::int32_t integer(std::string_view name, const Value& value) {
        std::int32_t number = 0;
        const std::string& text = value.text();
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (!value.is(Value::Kind::Number) || error != std::errc{} || end != text.data() + text.size()) {
            refuse(name, "not a whole number of 32 bits");
        }
        return number;
    }

    const Value& object_;
    std::string fault_;
};

Payload read_order_created(Reader& in) {
    OrderCreated it{
        .user_id = in.optional_text("userId", wire::kMaxUserId),
        .product_id = in.product(),
        .quantity = in.quantity("quantity", 1),
        .price = in.money("price"),
        .amount = {},
        .currency = in.currency(),
    };
    if (const auto amount = in.optional_money("amount")) {
        it.amount = *amount;
    } else if (const auto product = it.price.times(it.quantity)) {
        it.amount = *product;  // the reference system leaves the amount out
    } else {
        in.refuse("price", product.error().what);
    }
    return it;
}

Payload read_order_completed(Reader& in) {
    return OrderCompleted{
        .user_id = in.optional_text("userId", wire::kMaxUserId),
        .amount = in.optional_money("amount").value_or(Money{}),
        .currency = in.currency(),
    };
}

Payload read_order_cancelled(Reader& in) {
    return OrderCancelled{
        .code = in.code(FailureCode::CustomerCancelled),
        .reason = in.reason(),
        .user_id = in.optional_text("userId", wire::kMaxUserId),
        .amount = in.optional_money("amount").value_or(Money{}),
        .currency = in.currency(),
    };
}

Payload read_payment_completed(Reader& in) {
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

Payload read_payment_failed(Reader& in) {
    return PaymentFailed{
        .code = in.code(FailureCode::PaymentDeclined),
        .reason = in.reason(),
        .user_id = in.optional_text("userId", wire::kMaxUserId),
    };
}

Payload read_payment_refunded(Reader& in) {
    return PaymentRefunded{
        .payment_id = in.id<PaymentId>("paymentId"),
        .transaction_id = in.optional_text("transactionId", wire::kMaxTransactionId),
        .amount = in.money("amount"),
        .currency = in.currency(),
    };
}

Payload read_payment_voided(Reader& /*in*/) {
    return PaymentVoided{};
}

Payload read_payment_refund_failed(Reader& in) {
    return PaymentRefundFailed{.payment_id = in.id<PaymentId>("paymentId"), .reason = in.reason()};
}

Payload read_inventory_reserved(Reader& in) {
    return InventoryReserved{.product_id = in.product(), .quantity = in.quantity("quantity", 1)};
}

Payload read_inventory_reservation_failed(Reader& in) {
    return InventoryReservationFailed{
        .code = in.code(FailureCode::OutOfStock),
        .reason = in.reason(),
        .product_id = in.optional_product(),
        .quantity = in.optional_quantity("quantity"),
    };
}

Payload read_inventory_released(Reader& in) {
    return InventoryReleased{
        .product_id = in.optional_product(), .quantity = in.optional_quantity("quantity")
    };
}

Payload read_notification_sent(Reader& in) {
    return NotificationSent{
        .kind = in.text("kind", wire::kMaxName), .channel = in.text("channel", wire::kMaxName)
    };
}

Payload read_notification_failed(Reader& in) {
    return NotificationFailed{
        .kind = in.text("kind", wire::kMaxName),
        .channel = in.text("channel", wire::kMaxName),
        .reason = in.reason(),
    };
}

struct Type {
    std::string_view name;
    Payload (*read)(Reader&);
};
constexpr std::array<Type, 13> kTypes{{
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
    {.name = "NOTIFICATION_SENT", .read = read_notification_sent},
    {.name = "NOTIFICATION_FAILED", .read = read_notification_failed},
}};
static_assert(kTypes.size() == std::variant_size_v<Payload>);

WallTime read_time(Reader& in, std::string_view name) {
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
    Reader in{*object};
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

}  // namespace

Result<std::variant<Event, UnknownEvent>> decode(std::string_view value) {
    const auto parsed = json::parse(value, {.max_depth = wire::kMaxDepth, .max_bytes = wire::kMaxBytes});
    if (!parsed) return fail(ErrorKind::Invalid, parsed.error().pointer + ": " + parsed.error().message);
    if (!parsed->is(Value::Kind::Object)) return fail(ErrorKind::Invalid, "not an object");

    auto metadata = read_metadata(*parsed);
    if (!metadata) return fail(std::move(metadata).error());
    Reader in{*parsed};
    const auto order_id = in.id<OrderId>("orderId");
    if (in.fault().empty() && order_id.uuid.is_nil()) in.refuse("orderId", "nil");
    if (in.optional_id<OrderId>("aggregateId").value_or(order_id) != order_id)
        in.refuse("aggregateId", "not the order");
    std::string type = in.text("eventType", wire::kMaxName);
    in.version("version");
    if (!in.fault().empty()) return fail(ErrorKind::Invalid, in.fault());

    const auto* const known = std::ranges::find(kTypes, type, &Type::name);
    if (known == kTypes.end()) {
        return UnknownEvent{.metadata = *std::move(metadata), .order_id = order_id, .type = std::move(type)};
    }
    Payload payload = known->read(in);
    if (!in.fault().empty()) return fail(ErrorKind::Invalid, in.fault());
    return Event{.metadata = *std::move(metadata), .order_id = order_id, .payload = std::move(payload)};
}

}  // namespace platform::events
