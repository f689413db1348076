#include "services/notification/domain/message.hpp"

#include <algorithm>
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

/// A reason of another service, short enough for a message of which the store keeps 2000 characters; cut between two UTF-8 characters.
std::string bounded(std::string_view reason) {
    constexpr std::size_t kLongest = 512;
    std::size_t characters = 0;
    for (std::size_t at = 0; at < reason.size(); ++at) {
        const bool begins = (static_cast<unsigned char>(reason[at]) & 0xC0U) != 0x80U;
        if (begins && characters++ == kLongest) return std::string(reason.substr(0, at)) + "…";
    }
    return std::string(reason);
}

/// Whether a user id is an e-mail address. Only the plain form: user ids come from outside and reach a mail server as they are.
bool is_address(std::string_view user_id) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    constexpr std::string_view kFurtherLocal = "_+";
    const auto at = user_id.find('@');
    if (at == std::string_view::npos || at == 0 || at + 1 == user_id.size()) return false;
    const auto local = user_id.substr(0, at);
    const bool plain = std::ranges::all_of(local, [&](char c) { return kLetters.contains(c) || kFurtherLocal.contains(c); });
    return plain && user_id.find_first_not_of(kLetters, at + 1) == std::string_view::npos;
}

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
            .body = std::format("Your payment was not accepted: {}", bounded(payment.reason)),
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
            .body = std::format("Your order was cancelled: {}", bounded(cancelled.reason)),
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
    const bool reachable = channel.recipient.empty() || is_address(text->user_id);
    message.recipient = reachable ? std::move(text->user_id) : channel.recipient;
    message.subject = std::move(text->subject);
    message.body = std::move(text->body);
    message.correlation_id = event.metadata.correlation_id;
    return message;
}

}  // namespace platform::notification
