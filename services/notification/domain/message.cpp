#include "services/notification/domain/message.hpp"

#include <format>
#include <utility>
#include <variant>

namespace platform::notification {
namespace {

struct Text {
    std::string kind;
    std::string subject;
    std::string body;
    std::string user_id;
};

/// One template a kind; overload resolution picks it, and kinds without a template tell nothing.
struct Templates {
    std::string order;

    std::optional<Text> operator()(const events::PaymentCompleted& payment) const {
        return Text{
            .kind = "payment-completed",
            .subject = std::format("Payment received for order {}", order),
            .body = std::format(
                "We received your payment of {} {} (transaction {}).",
                payment.amount.text(),
                payment.currency,
                payment.transaction_id
            ),
            .user_id = payment.user_id
        };
    }
    std::optional<Text> operator()(const events::PaymentFailed& payment) const {
        return Text{
            .kind = "payment-failed",
            .subject = std::format("Payment for order {} failed", order),
            .body = std::format("Your payment was not accepted: {}", payment.reason),
            .user_id = payment.user_id
        };
    }
    std::optional<Text> operator()(const events::PaymentRefunded& payment) const {
        return Text{
            .kind = "payment-refunded",
            .subject = std::format("Refund for order {}", order),
            .body = std::format("We returned {} {} to you.", payment.amount.text(), payment.currency),
            .user_id = ""
        };
    }
    std::optional<Text> operator()(const events::OrderCompleted& completed) const {
        return Text{
            .kind = "order-completed",
            .subject = std::format("Order {} is complete", order),
            .body = std::format("Your order over {} {} is complete.", completed.amount.text(), completed.currency),
            .user_id = completed.user_id
        };
    }
    std::optional<Text> operator()(const events::OrderCancelled& cancelled) const {
        return Text{
            .kind = "order-cancelled",
            .subject = std::format("Order {} was cancelled", order),
            .body = std::format("Your order was cancelled: {}", cancelled.reason),
            .user_id = cancelled.user_id
        };
    }
    template <class Other>
    std::optional<Text> operator()(const Other& /*payload*/) const {
        return std::nullopt;
    }
};

}  // namespace

std::optional<Message> compose(const events::Event& event, const Channel& channel) {
    const std::string order = event.order_id.text();
    auto text = std::visit(Templates{.order = order}, event.payload);
    if (!text) return std::nullopt;
    Message message;
    message.order_id = event.order_id;
    message.kind = std::move(text->kind);
    message.channel = channel.name;
    message.message_id = std::format("{}.{}.{}@{}", order, message.kind, channel.name, channel.domain);
    message.recipient = channel.recipient.empty() ? std::move(text->user_id) : channel.recipient;
    message.subject = std::move(text->subject);
    message.body = std::move(text->body);
    message.correlation_id = event.metadata.correlation_id;
    return message;
}

}  // namespace platform::notification
