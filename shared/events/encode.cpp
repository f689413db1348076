#include "shared/core/json_writer.hpp"
#include "shared/core/time_text.hpp"
#include "shared/events/events.hpp"
#include "shared/events/wire.hpp"

#include <cstddef>
#include <vector>

namespace platform::events {
namespace {

/// The first `limit` characters of UTF-8 `text`.
std::string_view cut(std::string_view text, std::size_t limit) {
    constexpr unsigned char kContinuationMask = 0xC0;
    constexpr unsigned char kContinuation = 0x80;
    std::size_t characters = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if ((static_cast<unsigned char>(text[at]) & kContinuationMask) == kContinuation) continue;
        if (characters++ == limit) return text.substr(0, at);
    }
    return text;
}

/// Writes the fields of a payload that stand between orderId and eventType.
class PayloadWriter {
public:
    explicit PayloadWriter(json::Writer& out) : out_(out) {}

    void operator()(const OrderCreated& it) const {
        user(it.user_id);
        out_.field("productId", it.product_id).field("quantity", it.quantity);
        price(it.price);
        money(it.amount, it.currency);
        if (it.items.empty()) return;
        out_.key("items").begin_array();
        for (const Item& item : it.items) {
            out_.begin_object().field("productId", item.product_id).field("quantity", item.quantity);
            price(item.price);
            out_.end_object();
        }
        out_.end_array();
    }
    void operator()(const OrderCompleted& it) const {
        user(it.user_id);
        money(it.amount, it.currency);
    }
    void operator()(const OrderCancelled& it) const {
        failure(it.code, it.reason);
        user(it.user_id);
        money(it.amount, it.currency);
    }
    void operator()(const PaymentCompleted& it) const {
        out_.field("productId", it.product_id).field("quantity", it.quantity);
        out_.field("transactionId", it.transaction_id).field("paymentId", it.payment_id.text());
        money(it.amount, it.currency);
        user(it.user_id);
    }
    void operator()(const PaymentFailed& it) const {
        failure(it.code, it.reason);
        user(it.user_id);
    }
    void operator()(const PaymentRefunded& it) const {
        out_.field("transactionId", it.transaction_id).field("paymentId", it.payment_id.text());
        money(it.amount, it.currency);
        if (!it.user_id.empty()) user(it.user_id);
    }
    void operator()(const PaymentVoided& /*it*/) const {}
    void operator()(const PaymentRefundFailed& it) const {
        out_.field("paymentId", it.payment_id.text());
        reason(it.reason);
    }
    void operator()(const InventoryReserved& it) const {
        out_.field("productId", it.product_id).field("quantity", it.quantity);
        lines(it.items);
    }
    void operator()(const InventoryReservationFailed& it) const {
        failure(it.code, it.reason);
        out_.field("productId", it.product_id).field("quantity", it.quantity);
    }
    void operator()(const InventoryReleased& it) const {
        out_.field("productId", it.product_id).field("quantity", it.quantity);
        lines(it.items);
    }
    void operator()(const InventoryAdjusted& it) const {
        out_.field("productId", it.product_id).field("revision", it.revision);
        out_.field("available", it.available).field("delta", it.delta);
        reason(it.reason);
        if (!it.name.empty()) out_.field("name", it.name);
        if (it.price) {
            price(*it.price);
            out_.field("currency", it.currency);
        }
    }
    void operator()(const StockLow& it) const {
        out_.field("productId", it.product_id).field("available", it.available).field("lowMark", it.low_mark);
    }
    void operator()(const NotificationSent& it) const {
        out_.field("kind", it.kind).field("channel", it.channel);
    }
    void operator()(const NotificationFailed& it) const {
        out_.field("kind", it.kind).field("channel", it.channel);
        reason(it.reason);
    }

private:
    void user(const std::string& id) const {
        if (id.empty()) {
            out_.key("userId").null();
        } else {
            out_.field("userId", id);
        }
    }
    void price(Money price) const { out_.key("price").number_text(price.text()); }
    void lines(const std::vector<Line>& lines) const {
        if (lines.empty()) return;
        out_.key("items").begin_array();
        for (const Line& line : lines) {
            out_.begin_object().field("productId", line.product_id).field("quantity", line.quantity).end_object();
        }
        out_.end_array();
    }
    void money(Money amount, const std::string& currency) const {
        out_.field("amount", amount.text()).field("currency", currency);
    }
    void reason(const std::string& text) const { out_.field("reason", cut(text, wire::kMaxReason)); }
    void failure(FailureCode code, const std::string& text) const {
        reason(text);
        out_.field("code", code_name(code));
    }

    json::Writer& out_;
};

}  // namespace

std::string encode(const Event& event) {
    const Metadata& metadata = event.metadata;
    const std::string aggregate = key_of(event);
    json::Writer out;
    out.begin_object().key("metadata").begin_object();
    out.field("eventId", metadata.event_id.text()).field("correlationId", metadata.correlation_id);
    if (metadata.causation_id) out.field("causationId", metadata.causation_id->text());
    out.field("occurredAt", to_rfc3339(metadata.occurred_at)).field("sourceService", metadata.source_service);
    out.field("version", metadata.version).end_object();
    if (!product_key(event.payload)) out.field("orderId", aggregate);
    std::visit(PayloadWriter{out}, event.payload);
    out.field("eventType", type_name(event.payload)).field("version", metadata.version);
#ifdef PLATFORM_MUTANT_NEXT_RELEASE
    out.field("nextRelease", "a field that today's readers do not know");
#endif
    out.field("aggregateId", aggregate).end_object();
    return out.take();
}

}  // namespace platform::events
