#include "services/order/adapters/leg_events_handler.hpp"

#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace platform::order {
namespace {

bool is_answer(const events::Event& event) {
    if (events::product_key(event.payload)) return false;  // of the catalogue, not of an order
    const std::string_view type = events::type_name(event.payload);
    return type.starts_with("PAYMENT_") || type.starts_with("INVENTORY_");
}

}  // namespace

LegEventsHandler::LegEventsHandler(
    OrderStore& store,
    service::DeadLetters& dead_letters,
    const Clock& clock,
    UuidGenerator& ids,
    metrics::Registry& registry
)
    : store_(store),
      dead_letters_(dead_letters),
      clock_(clock),
      ids_(ids),
      saga_metrics_(registry),
      foreign_(registry.counter("saga_events_foreign_total", "Events for orders that do not exist here")),
      ignored_(registry.counter("saga_events_ignored_total", "Events that came late or again")),
      needs_attention_(registry.counter("saga_needs_attention_total", "Orders whose refund failed")) {}

Result<void> LegEventsHandler::apply(std::span<const kafka::Record> batch) {
    auto decoded = service::decode_batch(batch);
    if (!decoded) return fail(std::move(decoded).error());
    std::erase_if(*decoded, [](const events::Event& event) { return !is_answer(event); });

    std::vector<Occasion> occasions;
    occasions.reserve(decoded->size());
    for (const auto& event : *decoded) {
        occasions.push_back({.order_id = event.order_id, .event_id = event.metadata.event_id});
    }
    const Stamp stamp{.next_id = [this] { return ids_.next(); }, .now = clock_.wall()};
    std::size_t ignored = 0;
    std::size_t foreign = 0;
    std::vector<std::string> stuck_refunds;
    std::vector<SagaMetrics::Ended> ended;
    auto done = store_.change(occasions, [&](std::size_t index, std::optional<Order>& order) {
        const events::Event& event = (*decoded)[index];
        if (!order) {
            // An order's row is written before its first event leaves, so this one is not ours.
            ++foreign;
            log::warn(
                "event of an unknown order skipped",
                {{"order_id", event.order_id.text()}, {"correlation_id", event.metadata.correlation_id}}
            );
            return std::vector<events::Event>{};
        }
        const auto version = order->version;
        auto told = on_event(*order, event, stamp);
        if (order->version == version) {
            ++ignored;
        } else if (order->state() == SagaState::NeedsAttention) {
            stuck_refunds.push_back(order->id.text());
        } else if (const auto end = end_of(*order)) {
            ended.push_back(*end);
        }
        return told;
    });
    if (!done) return done;
    answers_ += decoded->size() - ignored - foreign;
    if (ignored > 0) ignored_.add(static_cast<double>(ignored));
    if (foreign > 0) foreign_.add(static_cast<double>(foreign));
    for (const auto& end : ended) saga_metrics_.ended(end);
    for (const std::string& id : stuck_refunds) {
        needs_attention_.add();
        log::error("the refund of a cancelled order failed; it is tried again slowly", {{"order_id", id}});
    }
    note_delay(batch);
    return {};
}

Result<void> LegEventsHandler::dead_letter(const kafka::Record& record, const Error& why) {
    return dead_letters_.store(record, why);
}

void LegEventsHandler::note_delay(std::span<const kafka::Record> batch) {
    std::int64_t newest = -1;
    for (const auto& record : batch) newest = std::max(newest, record.timestamp_millis);
    if (newest < 0) return;
    const auto now =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock_.wall().time_since_epoch()).count();
    delay_millis_ = now - newest;
    measured_at_ = clock_.now().time_since_epoch().count();
}

bool LegEventsHandler::behind() const {
    constexpr std::int64_t kMuch = 10'000;
    constexpr Duration kFresh = std::chrono::seconds(30);
    const Instant measured{Duration{measured_at_.load()}};
    return delay_millis_ > kMuch && clock_.now() - measured < kFresh;
}

std::size_t LegEventsHandler::may_ask() {
    constexpr std::size_t kAnswersForOne = 40;  // an order has two, one of twenty orders may be asked for
    constexpr std::size_t kAtLeast = 10;
    if (behind()) return 0;
    return std::max(kAtLeast, answers_.exchange(0) / kAnswersForOne);
}

}  // namespace platform::order
