#include "services/order/adapters/timeline_handler.hpp"

#include "shared/core/time_text.hpp"
#include "shared/core/traceparent.hpp"
#include "shared/events/events.hpp"
#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace platform::order {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::array<std::string_view, 6> kReadHeaders{"ce_id", "ce_time", "ce_type", "ce_source", "ce_correlationid", "traceparent"};

std::string_view header(const kafka::Record& record, std::string_view name) {
    for (const auto& [key, value] : record.headers) {
        if (key == name) return value;
    }
    return {};
}

bool is_name(std::string_view text) {
    const auto good = [](char c) { return c > 0x20 && c < 0x7F; };
    return !text.empty() && text.size() <= kLongestName && std::ranges::all_of(text, good);
}

/// Of 00-<32 hexadecimal digits>-<16>-<2>.
std::string trace_id_of(std::string_view trace) {
    constexpr std::size_t kTraceAt = 3;
    constexpr std::size_t kTraceLength = 32;
    return traceparent::valid(trace) ? std::string(trace.substr(kTraceAt, kTraceLength)) : std::string{};
}

/// The key of these is a product, whose name may look like an order's id.
bool of_a_product(std::string_view type) {
    return type == "INVENTORY_ADJUSTED" || type == "STOCK_LOW";
}

/// By the headers alone, which spares reading the value; nothing when one is missing or wrong.
std::optional<TimelineEntry> entry_of_headers(const kafka::Record& record) {
    const auto order_id = OrderId::parse(record.key);
    const auto event_id = Uuid::parse(header(record, "ce_id"));
    const auto at = parse_rfc3339(header(record, "ce_time"));
    const std::string_view type = header(record, "ce_type");
    std::string_view service = header(record, "ce_source");
    const std::string_view correlation_id = header(record, "ce_correlationid");
    if (service.starts_with('/')) service.remove_prefix(1);
    if (!order_id || !event_id || !at || !is_name(type) || !is_name(service)) return std::nullopt;
    if (of_a_product(type)) return std::nullopt;
    if (!events::valid_correlation_id(correlation_id)) return std::nullopt;
    TimelineEntry entry{.order_id = *order_id, .step = {}};
    entry.step.at = *at;
    entry.step.type = type;
    entry.step.service = service;
    entry.step.event_id = *event_id;
    entry.step.correlation_id = correlation_id;
    return entry;
}

TimelineEntry entry_of(const events::Metadata& metadata, const OrderId& order_id, std::string_view type) {
    TimelineEntry entry{.order_id = order_id, .step = {}};
    entry.step.at = metadata.occurred_at;
    entry.step.type = type.substr(0, kLongestName);
    entry.step.service = metadata.source_service;
    entry.step.event_id = metadata.event_id.uuid;
    entry.step.correlation_id = metadata.correlation_id;
    return entry;
}

std::optional<TimelineEntry> entry_of_value(const kafka::Record& record) {
    const auto decoded = events::decode(record.value);
    if (!decoded) return std::nullopt;
    if (const auto* event = std::get_if<events::Event>(&*decoded))
        return entry_of(event->metadata, event->order_id, events::type_name(event->payload));
    const auto& unknown = std::get<events::UnknownEvent>(*decoded);
    return entry_of(unknown.metadata, unknown.order_id, unknown.type);
}

}  // namespace

std::optional<TimelineEntry> timeline_entry(const kafka::Record& record) {
    auto entry = entry_of_headers(record);
    if (!entry) entry = entry_of_value(record);
    if (!entry || entry->order_id.uuid.is_nil()) return std::nullopt;
    entry->step.topic = record.topic;
    entry->step.partition = record.partition;
    entry->step.offset = record.offset;
    entry->step.trace_id = trace_id_of(header(record, "traceparent"));
    return entry;
}

void trim_for_timeline(kafka::Record& record) {
    if (!entry_of_headers(record)) return;  // the value is needed
    record.value = {};
    std::erase_if(record.headers, [](const auto& header) { return !std::ranges::contains(kReadHeaders, header.first); });
    record.headers.shrink_to_fit();
}

TimelineHandler::TimelineHandler(TimelineStore& store, metrics::Registry& registry)
    : store_(store),
      written_(registry.counter("order_timeline_records_total", "Records written to timelines")),
      skipped_(registry.counter("order_timeline_skipped_total", "Records that tell of no order")) {}

Result<void> TimelineHandler::apply(std::span<const kafka::Record> batch) {
    std::vector<TimelineEntry> entries;
    entries.reserve(batch.size());
    for (const kafka::Record& record : batch) {
        if (auto entry = timeline_entry(record)) entries.push_back(*std::move(entry));
    }
    auto done = store_.add(entries);
    if (!done) return done;
    written_.add(static_cast<double>(entries.size()));
    skipped_.add(static_cast<double>(batch.size() - entries.size()));
    return {};
}

Result<void> TimelineHandler::dead_letter(const kafka::Record& record, const Error& why) {
    // Nothing is lost but a line of a timeline: the record itself is dealt with by the services that need it.
    log::error(
        "a record is missing from its order's timeline",
        {{"topic", record.topic}, {"partition", record.partition}, {"offset", record.offset}, {"why", why.what}}
    );
    return {};
}

}  // namespace platform::order
