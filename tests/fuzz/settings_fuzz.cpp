#include "shared/config/settings.hpp"
#include "shared/core/check.hpp"
#include "shared/resilience/settings.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

// Variables, one NAME=value a line, then a line "---", then the YAML file. A program starts with values that are in range, or it is told in one line what is wrong.

namespace platform {
namespace {

using namespace std::chrono_literals;

struct Given {
    std::map<std::string, std::string> environment;
    std::string_view file;
};

Given split(std::string_view text) {
    Given given;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line == "---") break;
        if (const auto equals = line.find('='); equals != std::string_view::npos) {
            given.environment.emplace(line.substr(0, equals), line.substr(equals + 1));
        }
    }
    given.file = text;
    return given;
}

void read_rows(config::Reader& reader) {
    const auto port = reader.integer({.name = "HTTP_PORT", .meaning = "m", .fallback = "8081"}, 0, 65535);
    CHECK(port >= 0 && port <= 65535, "a number is in range");
    const auto share = reader.number({.name = "SHARE", .meaning = "m", .fallback = "0.5"}, 0, 1);
    CHECK(share >= 0 && share <= 1, "a number is in range");
    const auto pause = reader.duration({.name = "ORDER_SWEEP_INTERVAL", .meaning = "m", .fallback = "5s"}, 50ms, 10min);
    CHECK(pause >= 50ms && pause <= 10min, "a time is in range");
    const auto mode = reader.choice({.name = "PRICING_MODE", .meaning = "m", .fallback = "client"}, {"client", "verify"});
    CHECK(mode == "client" || mode == "verify", "a choice is one of them");
    const auto name = reader.text({.name = "KAFKA_GROUP", .meaning = "m", .fallback = "group"});
    CHECK(std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; }), "a text is one line");
    for (const auto& part : reader.list({.name = "KAFKA_BROKERS", .meaning = "m", .fallback = "localhost:9092"})) {
        CHECK(!part.empty() && part.front() != ' ' && part.back() != ' ', "a list has no empty parts");
    }
    (void)reader.flag({.name = "TIMELINE", .meaning = "m", .fallback = "true"});
}

void read_resilience(const resilience::Settings& settings) {
    const auto breaker = settings.circuit_breaker("order-kafka", {});
    CHECK(breaker.failure_rate_threshold > 0 && breaker.failure_rate_threshold <= 100, "a share is in range");
    CHECK(breaker.sliding_window_size >= 1 && breaker.minimum_number_of_calls >= 1, "counts begin at one");
    CHECK(breaker.wait_duration_in_open_state > Duration{0}, "a pause is a pause");
    CHECK(settings.retry("order-kafka", {}).max_attempts >= 1, "something is tried");
    (void)settings.bulkhead("provider", {});
    CHECK(settings.rate_limiter("provider", {}).limit_for_period >= 1, "something is let through");
    (void)settings.time_limiter("provider", {});
    settings.check_instances(
        {{"circuitbreaker", {"order-kafka"}},
         {"retry", {"order-kafka"}},
         {"bulkhead", {"provider"}},
         {"ratelimiter", {"provider"}},
         {"timelimiter", {"provider"}}}
    );
}

}  // namespace
}  // namespace platform

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace platform;
    auto given = split({reinterpret_cast<const char*>(data), size});
    try {
        const auto source = config::Source::of(std::move(given.environment), given.file);
        config::Reader reader(source);
        read_rows(reader);
        const auto settings = resilience::Settings::read(reader);
        reader.finish();
        read_resilience(settings);
    } catch (const config::SettingError& error) {
        const std::string_view what = error.what();
        CHECK(!what.empty(), "a fault is named");
        CHECK(std::ranges::none_of(what, [](char c) { return static_cast<unsigned char>(c) < 0x20; }), "a fault is one line");
    }
    return 0;
}
