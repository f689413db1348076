#include "shared/otlp/otlp_settings.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace platform::otlp {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

std::string read_url(config::Reader& reader, const char* name, const char* meaning) {
    std::string url = reader.text({.name = name, .meaning = meaning, .unit = "URL"});
    if (!url.empty() && !url.starts_with("http://") && !url.starts_with("https://")) {
        throw config::SettingError(std::string(name) + ": '" + url + "' has to begin with http:// or https://");
    }
    return url;
}

/// "name=value,name=value"; a value may hold "=".
std::vector<std::pair<std::string, std::string>> read_headers(config::Reader& reader) {
    constexpr const char* kName = "OTEL_EXPORTER_OTLP_HEADERS";
    std::vector<std::pair<std::string, std::string>> headers;
    const std::string text = reader.text(
        {.name = kName, .meaning = "Headers for the collector, name=value,name=value; taken as they stand.", .secret = true}
    );
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), one.size() + 1));
        const std::size_t equals = one.find('=');
        if (equals == 0 || equals == std::string_view::npos) {
            throw config::SettingError(std::string(kName) + ": each header has to be name=value");
        }
        headers.emplace_back(one.substr(0, equals), one.substr(equals + 1));
    }
    return headers;
}

/// The endpoint is a base: its path stays, and that of traces is added.
std::string below(std::string base) {
    while (base.ends_with('/')) base.pop_back();
    return base + "/v1/traces";
}

}  // namespace

Settings read_settings(config::Reader& reader) {
    Settings settings;
    const std::string base = read_url(
        reader,
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "Collector that gets the spans by OTLP over HTTP, like http://collector:4318; /v1/traces is added. Empty = no traces are recorded."
    );
    settings.url = read_url(
        reader,
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "The same as a whole URL, taken as it is; wins over OTEL_EXPORTER_OTLP_ENDPOINT."
    );
    if (settings.url.empty() && !base.empty()) settings.url = below(base);
    settings.headers = read_headers(reader);
    const std::string protocol = reader.choice(
        {.name = "OTEL_EXPORTER_OTLP_PROTOCOL", .meaning = "Encoding of the spans; either goes over HTTP.", .fallback = "http/protobuf"},
        {"http/protobuf", "http/json"}
    );
    settings.json = protocol == "http/json";
    settings.ratio = reader.number(
        {.name = "OTEL_TRACES_SAMPLER_ARG",
         .meaning = "Share of the traces that begin here and are recorded; a trace that came in is recorded when its sampled flag says so.",
         .fallback = "1"},
        0,
        1
    );
    settings.timeout = reader.duration(
        {.name = "OTEL_EXPORTER_OTLP_TIMEOUT",
         .meaning = "Time for the collector to take one batch of spans, and at most the time that it can hold up a stop.",
         .fallback = "3s",
         .unit = "ms"},
        milliseconds(10),
        minutes(1)
    );
    constexpr int kSmallest = 16;
    constexpr int kLargest = 65'536;
    settings.max_queue = static_cast<std::size_t>(reader.integer(
        {.name = "OTEL_BSP_MAX_QUEUE_SIZE",
         .meaning = "Spans that wait for the collector; further ones are dropped and counted.",
         .fallback = "2048",
         .unit = "spans"},
        kSmallest,
        kLargest
    ));
    settings.send_pause = reader.duration(
        {.name = "OTEL_BSP_SCHEDULE_DELAY",
         .meaning = "Time between two batches; half a full queue does not wait for it, a stop may.",
         .fallback = "5s",
         .unit = "ms"},
        milliseconds(10),
        minutes(10)
    );
    return settings;
}

}  // namespace platform::otlp
