#include "services/gateway/adapters/http_lag_source.hpp"

#include "shared/http/prometheus_text.hpp"

#include <charconv>
#include <cmath>
#include <format>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace platform::gateway {
namespace {

constexpr std::string_view kSeries = "kafka_consumer_fetch_manager_records_lag{";

std::optional<PartitionLag> lag_in(std::string_view line) {
    if (!line.starts_with(kSeries)) return std::nullopt;
    const auto sample = http::parse_sample(line);
    if (!sample) return std::nullopt;
    const auto label = [&sample](const char* name) {
        const auto found = sample->labels.find(name);
        return found == sample->labels.end() ? std::string() : found->second;
    };
    PartitionLag lag{.group = label("group"), .topic = label("topic"), .partition = 0, .records = std::llround(sample->value)};
    const std::string number = label("partition");
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), lag.partition);
    if (error != std::errc{} || end != number.data() + number.size()) return std::nullopt;
    return lag;
}

}  // namespace

Result<std::vector<PartitionLag>> HttpLagSource::lag(const Address& pod) {
    constexpr int kOk = 200;
    const auto answer = client_.send({
        .method = "GET",
        .url = "http://" + pod.text() + "/actuator/prometheus",
        .headers = {},
        .body = {},
        .connect_timeout = timeout_,
        .timeout = timeout_,
    });
    if (!answer) return fail(answer.error());
    if (answer->status != kOk) return fail(ErrorKind::Unavailable, std::format("{} answered {}", pod.text(), answer->status));
    std::vector<PartitionLag> all;
    std::string_view text = answer->body;
    while (!text.empty()) {
        if (auto lag = lag_in(http::take_until(text, '\n'))) all.push_back(*std::move(lag));
    }
    return all;
}

}  // namespace platform::gateway
