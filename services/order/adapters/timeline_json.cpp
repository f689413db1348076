#include "services/order/adapters/timeline_json.hpp"

#include "shared/core/json.hpp"
#include "shared/core/json_writer.hpp"
#include "shared/core/time_text.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

namespace platform::order {
namespace {

using json::Value;
using Kind = Value::Kind;

constexpr std::size_t kFields = 9;

template <class Number>
std::optional<Number> number_of(const Value& value) {
    Number number{};
    const std::string& text = value.text();
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (!value.is(Kind::Number) || error != std::errc{} || at != end) return std::nullopt;
    return number;
}

std::optional<TimelineStep> step_of(const Value& value, const std::string& previous_correlation) {
    const auto& fields = value.items();
    if (!value.is(Kind::Array) || fields.size() != kFields) return std::nullopt;
    const auto partition = number_of<std::int32_t>(fields[1]);
    const auto offset = number_of<std::int64_t>(fields[2]);
    const auto micros = number_of<std::int64_t>(fields[3]);
    const auto event_id = Uuid::parse(fields[6].text());
    if (!partition || !offset || !micros || !event_id) return std::nullopt;
    return TimelineStep{
        .at = WallTime{std::chrono::microseconds(*micros)},
        .type = fields[4].text(),
        .service = fields[5].text(),
        .topic = fields[0].text(),
        .partition = *partition,
        .offset = *offset,
        .event_id = *event_id,
        .correlation_id = fields[7].is(Kind::Null) ? previous_correlation : fields[7].text(),
        .trace_id = fields[8].text(),
    };
}

}  // namespace

std::string encode_timeline(const Timeline& timeline) {
    json::Writer out;
    out.begin_object().field("truncated", timeline.truncated).key("steps").begin_array();
    const std::string* correlation = nullptr;
    for (const TimelineStep& step : timeline.steps) {
        out.begin_array().string(step.topic).integer(step.partition).integer(step.offset);
        out.integer(step.at.time_since_epoch().count()).string(step.type).string(step.service);
        out.string(step.event_id.text());
        if (correlation != nullptr && *correlation == step.correlation_id) {
            out.null();
        } else {
            out.string(step.correlation_id);
        }
        out.string(step.trace_id).end_array();
        correlation = &step.correlation_id;
    }
    out.end_array().end_object();
    return out.take();
}

Result<Timeline> decode_timeline(std::string_view text) {
    const auto document = json::parse(text);
    const Value* truncated = document ? document->find("truncated") : nullptr;
    const Value* steps = document ? document->find("steps") : nullptr;
    if (truncated == nullptr || steps == nullptr)
        return fail(ErrorKind::Internal, "a stored timeline cannot be read");
    Timeline timeline{.steps = {}, .truncated = truncated->boolean()};
    std::string correlation;
    for (const Value& value : steps->items()) {
        auto step = step_of(value, correlation);
        if (!step) return fail(ErrorKind::Internal, "a step of a stored timeline cannot be read");
        correlation = step->correlation_id;
        timeline.steps.push_back(*std::move(step));
    }
    return timeline;
}

http::Response shown_timeline(const OrderId& id, const Timeline& timeline, bool recorded) {
    json::Writer out;
    out.begin_object().field("orderId", id.text()).key("events").begin_array();
    for (const TimelineEvent& event : events_of(timeline)) {
        const TimelineStep& step = event.step;
        out.begin_object()
            .field("at", to_rfc3339(step.at))
            .field("service", step.service)
            .field("type", step.type)
            .field("topic", step.topic)
            .field("partition", step.partition)
            .field("offset", step.offset)
            .field("eventId", step.event_id.text())
            .field("attempt", event.attempt)
            .field("delivery", event.delivery)
            .field("compensation", event.compensation)
            .field("correlationId", step.correlation_id);
        if (!step.trace_id.empty()) out.field("traceId", step.trace_id);
        out.end_object();
    }
    out.end_array().field("truncated", timeline.truncated).field("recorded", recorded).end_object();
    return {.body = out.take(), .headers = {{"Cache-Control", "no-cache"}}};
}

}  // namespace platform::order
