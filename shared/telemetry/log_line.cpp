#include "shared/telemetry/log_line.hpp"

#include "shared/core/json_writer.hpp"
#include "shared/core/time_text.hpp"

#include <algorithm>
#include <cmath>
#include <format>

namespace platform::log {
namespace {

/// A field cannot take the name of a part of the line.
bool reserved(std::string_view name) {
    return name == "time" || name == "level" || name == "service" || name == "message" ||
           name == "suppressed";
}

void write(json::Writer& out, const Field::Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        out.string(*text);
    } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
        out.integer(*whole);
    } else if (const auto* truth = std::get_if<bool>(&value)) {
        out.boolean(*truth);
    } else {
        const double number = std::get<double>(value);
        if (std::isfinite(number)) {
            out.number_text(std::format("{}", number));
        } else {
            out.string(std::format("{}", number));
        }
    }
}

}  // namespace

std::string_view to_string(Level level) {
    switch (level) {
        case Level::Debug:
            return "debug";
        case Level::Info:
            return "info";
        case Level::Warn:
            return "warn";
        case Level::Error:
            return "error";
    }
    return "error";
}

std::string render(const Line& line) {
    json::Writer out;
    out.begin_object();
    out.field("time", to_rfc3339(line.time));
    out.field("level", to_string(line.level));
    out.field("service", line.service);
    out.field("message", line.message);
    for (const Field& field : line.fields) {
        out.key(reserved(field.name()) ? std::format("field_{}", field.name()) : std::string(field.name()));
        write(out, field.value());
    }
    const auto add = [&](std::string_view name, std::string_view value) {
        const bool told = std::ranges::contains(line.fields, name, &Field::name);
        if (!value.empty() && !told) out.field(name, value);
    };
    add("correlation_id", line.correlation_id);
    add("traceId", line.trace_id);
    add("order_id", line.order_id);
    if (line.suppressed > 0) out.field("suppressed", line.suppressed);
    out.end_object();
    return out.take() + '\n';
}

}  // namespace platform::log
