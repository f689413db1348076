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

/// The contracts between the services. They only grow: a new field is optional, anything else is a new version.
namespace platform::events {

inline constexpr int kVersion = 1;
/// What an event without a currency means: the reference system has none.
inline constexpr std::string_view kDefaultCurrency = "EUR";

/// Default topic names; each one is a setting. The key of every record is the order id as text.
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

// order.events
struct OrderCreated {
    std::string user_id;  ///< opaque, 0..64 characters; empty when the customer is not known
    std::string product_id;
    std::int32_t quantity = 0;
    Money price;  ///< of one piece
    Money amount;  ///< price * quantity
    std::string currency;  ///< ISO 4217
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
};
struct InventoryReservationFailed {
    FailureCode code = FailureCode::OutOfStock;
    std::string reason;
    std::string product_id;
    std::int32_t quantity = 0;
};
/// The stock is back, or was never taken and will not be.
struct InventoryReleased {
    std::string product_id;
    std::int32_t quantity = 0;  ///< 0 when nothing had been reserved
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
    NotificationSent,
    NotificationFailed>;

struct Event {
    Metadata metadata;
    OrderId order_id;
    Payload payload;
};

/// A well-formed envelope of a type that this version does not know. Consumers skip it: contracts grow.
struct UnknownEvent {
    Metadata metadata;
    OrderId order_id;
    std::string type;
};

/// "ORDER_CREATED", "PAYMENT_COMPLETED", ... as on the wire.
[[nodiscard]] std::string_view type_name(const Payload& payload);
/// "PAYMENT_DECLINED", ... as on the wire.
[[nodiscard]] std::string_view code_name(FailureCode code);
[[nodiscard]] std::optional<FailureCode> parse_code(std::string_view name);
/// The default topic on which a payload travels.
[[nodiscard]] std::string_view topic_of(const Payload& payload);

/// The record value: JSON of the reference system's shape
/// {"metadata":{...},"orderId":...,<fields>,"eventType":...,"version":1,"aggregateId":...}. Seed fields that are amounts
/// (`price`) are JSON numbers with exact decimals, newer ones (`amount`) are strings.
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
