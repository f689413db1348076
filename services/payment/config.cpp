#include "services/payment/config.hpp"

namespace platform::payment {

using namespace std::chrono_literals;

Config read_config(config::Reader& reader) {
    Config config;
    const auto price = reader.text(
        {.name = "SIMULATOR_DECLINED_PRICE",
         .meaning = "the simulated provider declines orders with this price of one piece; empty declines none",
         .fallback = "9999.99",
         .unit = "amount"}
    );
    if (!price.empty()) {
        auto parsed = Money::parse(price);
        if (!parsed) throw config::SettingError("SIMULATOR_DECLINED_PRICE: not an amount (" + parsed.error().what + ")");
        if (*parsed < Money{}) throw config::SettingError("SIMULATOR_DECLINED_PRICE: '" + price + "' is negative");
        config.declined_price = *parsed;
    }
    config.process.retry_pause = reader.duration(
        {.name = "PAYMENT_RETRY_PAUSE",
         .meaning = "how long after a charge or refund without an answer the provider is asked again",
         .fallback = "10s",
         .unit = "ms"},
        100ms,
        10min
    );
    return config;
}

}  // namespace platform::payment
