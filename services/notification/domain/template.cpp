#include "services/notification/domain/template.hpp"

#include "shared/core/check.hpp"

#include <algorithm>
#include <array>
#include <format>
#include <utility>

namespace platform::notification {
namespace {

constexpr std::array<std::string_view, 5> kOfOrders{"orderId", "userId", "amount", "currency", "reason"};
constexpr std::span<const std::string_view> kOfCompleted = std::span(kOfOrders).first(4);
constexpr std::array<std::string_view, 5> kOfPayments{"orderId", "userId", "amount", "currency", "transactionId"};
constexpr std::array<std::string_view, 3> kOfFailures{"orderId", "userId", "reason"};

constexpr std::array kKinds{
    KindFacts{
        .name = "payment-completed",
        .placeholders = kOfPayments,
        .subject = "Payment received for order {orderId}",
        .body = "We received your payment of {amount} {currency} (transaction {transactionId}).",
    },
    KindFacts{
        .name = "payment-failed",
        .placeholders = kOfFailures,
        .subject = "Payment for order {orderId} failed",
        .body = "Your payment was not accepted: {reason}",
    },
    KindFacts{
        .name = "payment-refunded",
        .placeholders = kOfPayments,
        .subject = "Refund for order {orderId}",
        .body = "We returned {amount} {currency} to you.",
    },
    KindFacts{
        .name = "order-completed",
        .placeholders = kOfCompleted,
        .subject = "Order {orderId} is complete",
        .body = "Your order over {amount} {currency} is complete.",
    },
    KindFacts{
        .name = "order-cancelled",
        .placeholders = kOfOrders,
        .subject = "Order {orderId} was cancelled",
        .body = "Your order was cancelled: {reason}",
    },
};

}  // namespace

Result<Template> Template::parse(std::string_view text, std::span<const std::string_view> known) {
    Template made;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c != '{' && c != '}') {
            made.add_literal(c);
            continue;
        }
        if (at + 1 < text.size() && text[at + 1] == c) {
            made.add_literal(c);
            ++at;
            continue;
        }
        const auto end = c == '{' ? text.find('}', at) : std::string_view::npos;
        if (end == std::string_view::npos) return fail(ErrorKind::Invalid, std::format("a single '{}' (write it twice)", c));
        const auto name = text.substr(at + 1, end - at - 1);
        if (name == "newLine") {
            made.add_literal('\n');
        } else if (std::ranges::find(known, name) != known.end()) {
            made.parts_.push_back({.text = std::string(name), .placeholder = true});
        } else {
            return fail(ErrorKind::Invalid, std::format("unknown placeholder {{{}}}", name));
        }
        at = end;
    }
    return made;
}

void Template::add_literal(char c) {
    if (parts_.empty() || parts_.back().placeholder) parts_.emplace_back();
    parts_.back().text += c;
}

std::string Template::render(const Values& values, std::size_t longest) const {
    std::string out;
    for (const auto& part : parts_) {
        if (!part.placeholder) {
            out += part.text;
        } else if (const auto value = values.find(part.text); value != values.end()) {
            out += value->second;
        }
    }
    return shortened(out, longest);
}

std::string shortened(std::string_view text, std::size_t longest) {
    std::size_t characters = 0;
    std::size_t cut = 0;  // where the last character begins that has to make room
    for (std::size_t at = 0; at < text.size(); ++at) {
        if ((static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) continue;
        if (++characters == longest) cut = at;
        if (characters > longest) return std::string(text.substr(0, cut)) + "…";
    }
    return std::string(text);
}

std::span<const KindFacts> kinds() {
    return kKinds;
}

Templates usual_templates() {
    Templates templates;
    for (const auto& kind : kKinds) {
        auto subject = Template::parse(kind.subject, kind.placeholders);
        auto body = Template::parse(kind.body, kind.placeholders);
        CHECK(subject && body, "the usual texts use known placeholders");
        templates.emplace(std::string(kind.name), KindTemplates{.subject = *std::move(subject), .body = *std::move(body)});
    }
    return templates;
}

}  // namespace platform::notification
