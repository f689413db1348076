#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/money.hpp"
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The contracts between the services. They only grow: a new field is optional, anything else is a new version.
namespace platform::events {

inline constexpr int kVersion = 1;
/// What an event without a currency means: the reference system has none.
inline constexpr std::string_view kDefaultCurrency = "EUR";

/// Default topic names; each one is a setting. The key of a record is key_of() its event.
inline constexpr std::string_view kOrderTopic = "order.events";
inline constexpr std::string_view kPaymentTopic = "payment.events";
inline constexpr std::string_view kInventoryTopic = "inventory.events";
inline constexpr std::string_view kNotificationTopic = "notification.events";
inline constexpr std::string_view kDeadLetterSuffix = ".DLT";

struct Metadata {
    EventId event_id;
    std::string correlation_id;           ///< 1..128 printable ASCII characters
    std::optional<EventId> causation_id;  ///< the event that led to this one
    WallTime occurred_at;
    std::string source_service;  ///< "order-service", ...
    int version = kVersion;
    /// W3C trace context, empty when there is none. It travels as the record's header `traceparent`, not in the value: decode() leaves it empty.
    std::string traceparent = {};
};

/// Why an order or a leg of it failed. Business reasons only; technical failures never become events.
enum class FailureCode : std::uint8_t {
    PaymentDeclined,
    InvalidAmount,
    OutOfStock,
    UnknownProduct,
    CustomerCancelled,
    DeadlineExceeded,
    OrderCancelled,
};

/// One line of an order over several products.
struct Item {
    std::string product_id;
    std::int32_t quantity = 0;
    Money price;  ///< of one piece

    friend bool operator==(const Item&, const Item&) = default;
};
/// Pieces of one product, where nothing else matters.
struct Line {
    std::string product_id;
    std::int64_t quantity = 0;

    friend bool operator==(const Line&, const Line&) = default;
};

// order.events
struct OrderCreated {
    std::string user_id;  ///< opaque, 0..64 characters; empty when the customer is not known
    std::string product_id;
    std::int32_t quantity = 0;
    Money price;   ///< of one piece
    Money amount;  ///< of the whole order: price * quantity, summed over `items` when there are any
    std::string currency;  ///< ISO 4217
    /// Empty in the single-item form. Otherwise all lines of the order, and product, quantity and price above are those of the first
    /// one. A product may stand in more than one line.
    std::vector<Item> items = {};
};
struct OrderCompleted {
    std::string user_id;
    Money amount;
    std::string currency;
};
/// Asks both legs to undo what they did, or to refuse it if it comes later.
struct OrderCancelled {
    FailureCode code = FailureCode::CustomerCancelled;
    std::string reason;
    std::string user_id;
    Money amount;
    std::string currency;
};

// payment.events
struct PaymentCompleted {
    PaymentId payment_id;
    std::string transaction_id;
    std::string product_id;
    std::int32_t quantity = 0;
    Money amount;
    std::string currency;
    std::string user_id;
};
struct PaymentFailed {
    FailureCode code = FailureCode::PaymentDeclined;
    std::string reason;
    std::string user_id;
};
struct PaymentRefunded {
    PaymentId payment_id;
    std::string transaction_id;
    Money amount;
    std::string currency;
    std::string user_id = {};  ///< empty when the customer is not known
};
/// The order was cancelled before anything was charged; nothing will be charged for it.
struct PaymentVoided {};
struct PaymentRefundFailed {
    PaymentId payment_id;
    std::string reason;
};

// inventory.events
struct InventoryReserved {
    std::string product_id;
    std::int32_t quantity = 0;
    std::vector<Line> items = {};  ///< of an order over several products: all it took, one line a product
};
struct InventoryReservationFailed {
    FailureCode code = FailureCode::OutOfStock;
    std::string reason;
    std::string product_id;  ///< the one that was short or unknown
    std::int32_t quantity = 0;
};
/// The stock is back, or was never taken and will not be.
struct InventoryReleased {
    std::string product_id;
    std::int32_t quantity = 0;     ///< 0 when nothing had been reserved
    std::vector<Line> items = {};  ///< as in InventoryReserved
};
/// A product of the catalogue was changed by hand. Belongs to no order: its key is the product.
struct InventoryAdjusted {
    std::string product_id;
    std::int64_t revision = 0;   ///< of the product; grows with each of these, so that a late one can be told
    std::int64_t available = 0;  ///< after the change
    std::int64_t delta = 0;      ///< of `available`
    std::string reason;
    std::string name = {};                   ///< empty when it has none
    std::optional<Money> price = {};         ///< of one piece; absent when it is not for sale at a known price
    std::string currency{kDefaultCurrency};  ///< of the price
};
/// The stock of a product went below its low mark: told once for each time it goes down past the mark. Its key is the product.
struct StockLow {
    std::string product_id;
    std::int64_t available = 0;
    std::int64_t low_mark = 0;
};

// notification.events
struct NotificationSent {
    std::string kind;     ///< "payment-completed", ...
    std::string channel;  ///< "log", "email"
};
struct NotificationFailed {
    std::string kind;
    std::string channel;
    std::string reason;
};

using Payload = std::variant<
    OrderCreated,
    OrderCompleted,
    OrderCancelled,
    PaymentCompleted,
    PaymentFailed,
    PaymentRefunded,
    PaymentVoided,
    PaymentRefundFailed,
    InventoryReserved,
    InventoryReservationFailed,
    InventoryReleased,
    InventoryAdjusted,
    StockLow,
    NotificationSent,
    NotificationFailed>;

struct Event {
    Metadata metadata;
    OrderId order_id;  ///< nil in events of a product, and only there
    Payload payload;
};

/// A well-formed envelope of a type that this version does not know. Consumers skip it: contracts grow.
struct UnknownEvent {
    Metadata metadata;
    OrderId order_id;  ///< nil when it has none
    std::string type;
};

/// "ORDER_CREATED", "PAYMENT_COMPLETED", ... as on the wire.
[[nodiscard]] std::string_view type_name(const Payload& payload);
/// The product of an event that belongs to a product and to no order; nothing for all others.
[[nodiscard]] std::optional<std::string_view> product_key(const Payload& payload);
/// The aggregate of an event and the key of its record: the order, or the product.
[[nodiscard]] std::string key_of(const Event& event);
/// "PAYMENT_DECLINED", ... as on the wire.
[[nodiscard]] std::string_view code_name(FailureCode code);
[[nodiscard]] std::optional<FailureCode> parse_code(std::string_view name);
/// The default topic on which a payload travels.
[[nodiscard]] std::string_view topic_of(const Payload& payload);

/// The record value: JSON of the reference system's shape
/// {"metadata":{...},"orderId":...,<fields>,"eventType":...,"version":1,"aggregateId":...}. Events of a product have no
/// `orderId`. Prices are JSON numbers with exact decimals, amounts are strings.
[[nodiscard]] std::string encode(const Event& event);

/// Reads what encode() writes and what a Jackson producer of the reference system writes (`occurredAt` as RFC 3339 text or
/// as a decimal epoch number; unknown fields are ignored). Strict otherwise: depth at most 32, at most 256 KiB, valid UTF-8, no
/// duplicate keys, version 1, types and ranges as above. Error: Invalid. Never throws. Thread-safe.
[[nodiscard]] Result<std::variant<Event, UnknownEvent>> decode(std::string_view value);

/// 1..64 characters of [A-Za-z0-9._-].
[[nodiscard]] bool valid_product_id(std::string_view id);
/// Three upper-case letters.
[[nodiscard]] bool valid_currency(std::string_view code);
/// 1..128 characters of [A-Za-z0-9._:-].
[[nodiscard]] bool valid_correlation_id(std::string_view id);

}  // namespace platform::events
