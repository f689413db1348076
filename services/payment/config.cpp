#include "services/payment/config.hpp"

#include <string>

namespace platform::payment {
namespace {

using namespace std::chrono_literals;

void read_provider(config::Reader& reader, Config& config) {
    config.over_http = reader.choice(
                           {.name = "PROVIDER",
                            .meaning = "who moves the money: the simulator of this process, or a provider behind HTTP",
                            .fallback = "simulator"},
                           {"simulator", "http"}
                       ) == "http";
    config.http.url = reader.text(
        {.name = "PROVIDER_URL",
         .meaning = "base address of the provider's API (services/payment/provider-contract.yaml); needed for PROVIDER=http",
         .unit = "http(s)://host:port/base"}
    );
    while (config.http.url.ends_with('/')) config.http.url.pop_back();
    const bool is_address = config.http.url.starts_with("http://") || config.http.url.starts_with("https://");
    if (config.http.url.empty() ? config.over_http : !is_address) {
        throw config::SettingError("PROVIDER_URL: has to be the http:// or https:// address of the provider");
    }
    config.http.token = reader.text(
        {.name = "PROVIDER_TOKEN", .meaning = "bearer token for the provider; empty sends none", .secret = true}
    );
    config.http.connect_timeout = reader.duration(
        {.name = "PROVIDER_CONNECT_TIMEOUT", .meaning = "time to connect to the provider", .fallback = "1s", .unit = "ms"},
        10ms,
        1min
    );
    config.http.timeout = reader.duration(
        {.name = "PROVIDER_TIMEOUT",
         .meaning = "time for one call of the provider; then its outcome is unknown and asked for later",
         .fallback = "3s",
         .unit = "ms"},
        10ms,
        1min
    );
    config.concurrency = static_cast<std::size_t>(reader.integer(
        {.name = "PROVIDER_CONCURRENCY",
         .meaning = "calls of the provider at the same time for one batch of orders",
         .fallback = "32",
         .unit = "calls"},
        1,
        256
    ));
}

void read_declined_price(config::Reader& reader, Config& config) {
    const auto price = reader.text(
        {.name = "SIMULATOR_DECLINED_PRICE",
         .meaning = "the simulated provider declines orders with this price of one piece; empty declines none",
         .fallback = "9999.99",
         .unit = "amount"}
    );
    if (price.empty()) return;
    auto parsed = Money::parse(price);
    if (!parsed) throw config::SettingError("SIMULATOR_DECLINED_PRICE: not an amount (" + parsed.error().what + ")");
    if (*parsed < Money{}) throw config::SettingError("SIMULATOR_DECLINED_PRICE: '" + price + "' is negative");
    config.simulator.declined_price = *parsed;
}

void read_simulator(config::Reader& reader, Config& config) {
    read_declined_price(reader, config);
    const auto percent = [&reader](const char* name, const char* meaning) {
        return reader.number({.name = name, .meaning = meaning, .fallback = "0", .unit = "percent"}, 0, 100);
    };
    const auto time = [&reader](const char* name, const char* meaning, std::chrono::milliseconds max) {
        return reader.duration({.name = name, .meaning = meaning, .fallback = "0ms", .unit = "ms"}, 0ms, max);
    };
    auto& simulator = config.simulator;
    simulator.declined_percent = percent("SIMULATOR_DECLINED_PERCENT", "charges that the simulated provider declines besides");
    simulator.error_percent =
        percent("SIMULATOR_ERROR_PERCENT", "calls of the simulated provider that fail before anything happened");
    simulator.lost_answer_percent =
        percent("SIMULATOR_LOST_ANSWER_PERCENT", "calls of the simulated provider whose answer is lost after the money moved");
    simulator.latency = time("SIMULATOR_LATENCY", "time that each call of the simulated provider takes", 1min);
    simulator.outage_after =
        time("SIMULATOR_OUTAGE_AFTER", "when after the start of this process the simulated provider is away", 24h);
    simulator.outage = time("SIMULATOR_OUTAGE", "how long the simulated provider is away; 0 never is", 24h);
    simulator.seed = static_cast<std::uint64_t>(reader.integer(
        {.name = "SIMULATOR_SEED", .meaning = "which charges and calls the simulated percentages hit", .fallback = "1"},
        0,
        1'000'000'000
    ));
}

void read_retries(config::Reader& reader, Config& config) {
    config.process.retry_pause = reader.duration(
        {.name = "PAYMENT_RETRY_PAUSE",
         .meaning = "how long after a charge or refund without an answer the provider is asked again; grows with the tries to 30 times",
         .fallback = "10s",
         .unit = "ms"},
        100ms,
        10min
    );
    config.process.refund_tries_to_tell = static_cast<int>(reader.integer(
        {.name = "PAYMENT_REFUND_TRIES",
         .meaning = "tries after which a refund is told as failed; it is tried on without limit",
         .fallback = "5",
         .unit = "tries"},
        1,
        1000
    ));
    config.failed_refund_pause = reader.duration(
        {.name = "PAYMENT_FAILED_REFUND_PAUSE",
         .meaning = "how long after it was told as failed a refund is tried again",
         .fallback = "1m",
         .unit = "ms"},
        100ms,
        24h
    );
}

}  // namespace

Config read_config(config::Reader& reader) {
    Config config;
    read_provider(reader, config);
    read_simulator(reader, config);
    read_retries(reader, config);
    return config;
}

}  // namespace platform::payment
