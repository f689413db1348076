#include "shared/events/events.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

namespace platform::events {
namespace {

constexpr std::array<std::pair<FailureCode, std::string_view>, 7> kCodes{{
    {FailureCode::PaymentDeclined, "PAYMENT_DECLINED"},
    {FailureCode::InvalidAmount, "INVALID_AMOUNT"},
    {FailureCode::OutOfStock, "OUT_OF_STOCK"},
    {FailureCode::UnknownProduct, "UNKNOWN_PRODUCT"},
    {FailureCode::CustomerCancelled, "CUSTOMER_CANCELLED"},
    {FailureCode::DeadlineExceeded, "DEADLINE_EXCEEDED"},
    {FailureCode::OrderCancelled, "ORDER_CANCELLED"},
}};

struct TypeName {
    std::string_view operator()(const OrderCreated& /*of*/) const { return "ORDER_CREATED"; }
    std::string_view operator()(const OrderCompleted& /*of*/) const { return "ORDER_COMPLETED"; }
    std::string_view operator()(const OrderCancelled& /*of*/) const { return "ORDER_CANCELLED"; }
    std::string_view operator()(const PaymentCompleted& /*of*/) const { return "PAYMENT_COMPLETED"; }
    std::string_view operator()(const PaymentFailed& /*of*/) const { return "PAYMENT_FAILED"; }
    std::string_view operator()(const PaymentRefunded& /*of*/) const { return "PAYMENT_REFUNDED"; }
    std::string_view operator()(const PaymentVoided& /*of*/) const { return "PAYMENT_VOIDED"; }
    std::string_view operator()(const PaymentRefundFailed& /*of*/) const { return "PAYMENT_REFUND_FAILED"; }
    std::string_view operator()(const InventoryReserved& /*of*/) const { return "INVENTORY_RESERVED"; }
    std::string_view operator()(const InventoryReservationFailed& /*of*/) const {
        return "INVENTORY_RESERVATION_FAILED";
    }
    std::string_view operator()(const InventoryReleased& /*of*/) const { return "INVENTORY_RELEASED"; }
    std::string_view operator()(const InventoryAdjusted& /*of*/) const { return "INVENTORY_ADJUSTED"; }
    std::string_view operator()(const StockLow& /*of*/) const { return "STOCK_LOW"; }
    std::string_view operator()(const NotificationSent& /*of*/) const { return "NOTIFICATION_SENT"; }
    std::string_view operator()(const NotificationFailed& /*of*/) const { return "NOTIFICATION_FAILED"; }
};

bool is_name_character(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

}  // namespace

std::string_view type_name(const Payload& payload) {
    return std::visit(TypeName{}, payload);
}

std::string_view code_name(FailureCode code) {
    const auto* const found =
        std::ranges::find(kCodes, code, &std::pair<FailureCode, std::string_view>::first);
    return found == kCodes.end() ? std::string_view{} : found->second;
}

std::optional<FailureCode> parse_code(std::string_view name) {
    const auto* const found =
        std::ranges::find(kCodes, name, &std::pair<FailureCode, std::string_view>::second);
    if (found == kCodes.end()) return std::nullopt;
    return found->first;
}

std::string_view topic_of(const Payload& payload) {
    const std::string_view type = type_name(payload);
    if (type.starts_with("ORDER_")) return kOrderTopic;
    if (type.starts_with("PAYMENT_")) return kPaymentTopic;
    if (type.starts_with("INVENTORY_") || type.starts_with("STOCK_")) return kInventoryTopic;
    return kNotificationTopic;
}

std::optional<std::string_view> product_key(const Payload& payload) {
    if (const auto* adjusted = std::get_if<InventoryAdjusted>(&payload)) return adjusted->product_id;
    if (const auto* low = std::get_if<StockLow>(&payload)) return low->product_id;
    return std::nullopt;
}

std::string key_of(const Event& event) {
    if (const auto product = product_key(event.payload)) return std::string(*product);
    return event.order_id.text();
}

bool valid_product_id(std::string_view id) {
    constexpr std::size_t kLongest = 64;
    return !id.empty() && id.size() <= kLongest && std::ranges::all_of(id, is_name_character);
}

bool valid_currency(std::string_view code) {
    return code.size() == 3 && std::ranges::all_of(code, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool valid_correlation_id(std::string_view id) {
    constexpr std::size_t kLongest = 128;
    return !id.empty() && id.size() <= kLongest &&
           std::ranges::all_of(id, [](char c) { return is_name_character(c) || c == ':'; });
}

}  // namespace platform::events
