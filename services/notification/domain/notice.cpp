#include "services/notification/domain/notice.hpp"

#include <utility>
#include <variant>

namespace platform::notification {
namespace {

/// A reason of another service, short enough to leave room for the words around it.
std::string bounded(std::string_view reason) {
    constexpr std::size_t kLongest = 513;
    return shortened(reason, kLongest);
}

/// The customer of a payload that may not have one.
template <class Payload>
std::string user_of(const Payload& payload) {
    if constexpr (requires { payload.user_id; }) {
        return payload.user_id;
    } else {
        return "";
    }
}

Notice about(std::string kind, std::string user_id, Values values) {
    return {
        .order_id = {}, .kind = std::move(kind), .user_id = std::move(user_id), .user_left_out = false,
        .correlation_id = {}, .traceparent = {}, .values = std::move(values)
    };
}

/// Overload resolution picks the kind, and payloads without a kind tell nothing.
struct Kinds {
    std::optional<Notice> operator()(const events::PaymentCompleted& payment) const {
        return about(
            "payment-completed", payment.user_id,
            {{"amount", payment.amount.text()}, {"currency", payment.currency}, {"transactionId", payment.transaction_id}}
        );
    }
    std::optional<Notice> operator()(const events::PaymentFailed& payment) const {
        return about("payment-failed", payment.user_id, {{"reason", bounded(payment.reason)}});
    }
    std::optional<Notice> operator()(const events::PaymentRefunded& payment) const {
        auto notice = about(
            "payment-refunded", user_of(payment),
            {{"amount", payment.amount.text()}, {"currency", payment.currency}, {"transactionId", payment.transaction_id}}
        );
        notice.user_left_out = notice.user_id.empty();
        return notice;
    }
    std::optional<Notice> operator()(const events::OrderCompleted& order) const {
        return about("order-completed", order.user_id, {{"amount", order.amount.text()}, {"currency", order.currency}});
    }
    std::optional<Notice> operator()(const events::OrderCancelled& order) const {
        return about(
            "order-cancelled", order.user_id,
            {{"amount", order.amount.text()}, {"currency", order.currency}, {"reason", bounded(order.reason)}}
        );
    }
    template <class Other>
    std::optional<Notice> operator()(const Other& /*payload*/) const {
        return std::nullopt;
    }
};

}  // namespace

std::optional<Notice> notice_of(const events::Event& event) {
    auto notice = std::visit(Kinds{}, event.payload);
    if (!notice) return std::nullopt;
    notice->order_id = event.order_id;
    notice->correlation_id = event.metadata.correlation_id;
    notice->traceparent = event.metadata.traceparent;
    notice->values.emplace("orderId", event.order_id.text());
    return notice;
}

}  // namespace platform::notification
