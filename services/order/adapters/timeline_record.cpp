#include "services/order/adapters/timeline_record.hpp"

#include "shared/core/check.hpp"
#include "shared/core/time_text.hpp"
#include "shared/core/traceparent.hpp"
#include "shared/events/events.hpp"
#include "shared/kafka/headers.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace platform::order {
namespace {

constexpr std::size_t kLongestName = 64;

/// Empty when there is none.
std::string_view header(const kafka::Record& record, std::string_view name) {
    const std::string* found = kafka::find_header(record.headers, name);
    return found == nullptr ? std::string_view() : *found;
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

/// What stands before the texts of a trimmed record: type, service, trace and correlation id.
struct Fixed {
    OrderId order_id;
    Uuid event_id;
    std::int64_t at_micros = 0;
    std::uint16_t type_length = 0;
    std::uint16_t service_length = 0;
    std::uint16_t trace_length = 0;
};

std::string packed(const TimelineEntry& entry) {
    const TimelineStep& step = entry.step;
    const Fixed fixed{
        .order_id = entry.order_id,
        .event_id = step.event_id,
        .at_micros = step.at.time_since_epoch().count(),
        .type_length = static_cast<std::uint16_t>(step.type.size()),
        .service_length = static_cast<std::uint16_t>(step.service.size()),
        .trace_length = static_cast<std::uint16_t>(step.trace_id.size()),
    };
    std::string bytes(sizeof fixed, '\0');
    bytes.reserve(bytes.size() + step.type.size() + step.service.size() + step.trace_id.size() + step.correlation_id.size());
    std::memcpy(bytes.data(), &fixed, sizeof fixed);
    return bytes.append(step.type).append(step.service).append(step.trace_id).append(step.correlation_id);
}

Fixed fixed_of(const kafka::Record& trimmed) {
    Fixed fixed;
    CHECK(trimmed.value.size() >= sizeof fixed, "records are trimmed as they are polled");
    std::memcpy(&fixed, trimmed.value.data(), sizeof fixed);
    return fixed;
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
    const auto entry = timeline_entry(record);
    // Exchanged, not assigned: an emptied string or vector would keep its memory.
    (entry ? packed(*entry) : std::string{}).swap(record.value);
    std::string{}.swap(record.key);
    kafka::Headers{}.swap(record.headers);
}

std::optional<OrderId> trimmed_order_id(const kafka::Record& record) {
    if (record.value.empty()) return std::nullopt;
    return fixed_of(record).order_id;
}

TimelineEntry trimmed_entry(const kafka::Record& record) {
    const Fixed fixed = fixed_of(record);
    std::string_view rest = record.value;
    rest.remove_prefix(sizeof fixed);
    const auto take = [&rest](std::size_t length) {
        const std::string_view text = rest.substr(0, length);
        rest.remove_prefix(text.size());
        return std::string(text);
    };
    TimelineEntry entry{.order_id = fixed.order_id, .step = {}};
    entry.step.at = WallTime{std::chrono::microseconds(fixed.at_micros)};
    entry.step.topic = record.topic;
    entry.step.partition = record.partition;
    entry.step.offset = record.offset;
    entry.step.event_id = fixed.event_id;
    entry.step.type = take(fixed.type_length);
    entry.step.service = take(fixed.service_length);
    entry.step.trace_id = take(fixed.trace_length);
    entry.step.correlation_id = rest;
    return entry;
}

}  // namespace platform::order
