#include "services/payment/config.hpp"

#include "services/payment/app.hpp"
#include "tests/services/running_service.hpp"

#include <algorithm>

namespace platform::payment {
namespace {

using namespace std::chrono_literals;

Config config_of(test::Settings settings) {
    const auto source = config::Source::of(std::move(settings));
    config::Reader reader(source);
    auto read = read_config(reader);
    reader.finish();
    return read;
}

TEST(PaymentConfig, HasDefaults) {
    const auto read = config_of({});
    EXPECT_FALSE(read.over_http);
    EXPECT_EQ(read.simulator.declined_price, Money::of_units(99'999'900));
    EXPECT_EQ(read.simulator.declined_percent, 0);
    EXPECT_EQ(read.simulator.error_percent, 0);
    EXPECT_EQ(read.simulator.lost_answer_percent, 0);
    EXPECT_EQ(read.simulator.latency, 0s);
    EXPECT_EQ(read.simulator.outage, 0s);
    EXPECT_EQ(read.http.timeout, 3s);
    EXPECT_EQ(read.concurrency, 32U);
    EXPECT_EQ(read.process.retry_pause, 10s);
    EXPECT_EQ(read.process.refund_tries_to_tell, 5);
    EXPECT_EQ(read.failed_refund_pause, 1min);
}

TEST(PaymentConfig, ReadsTheSimulator) {
    const auto read = config_of(
        {{"SIMULATOR_DECLINED_PRICE", "12.5"},
         {"SIMULATOR_DECLINED_PERCENT", "2.5"},
         {"SIMULATOR_ERROR_PERCENT", "3"},
         {"SIMULATOR_LOST_ANSWER_PERCENT", "4"},
         {"SIMULATOR_LATENCY", "20ms"},
         {"SIMULATOR_OUTAGE_AFTER", "1m"},
         {"SIMULATOR_OUTAGE", "30s"},
         {"SIMULATOR_SEED", "7"}}
    );
    EXPECT_EQ(read.simulator.declined_price, Money::of_units(125'000));
    EXPECT_EQ(read.simulator.declined_percent, 2.5);
    EXPECT_EQ(read.simulator.error_percent, 3);
    EXPECT_EQ(read.simulator.lost_answer_percent, 4);
    EXPECT_EQ(read.simulator.latency, 20ms);
    EXPECT_EQ(read.simulator.outage_after, 1min);
    EXPECT_EQ(read.simulator.outage, 30s);
    EXPECT_EQ(read.simulator.seed, 7U);
    EXPECT_EQ(config_of({{"SIMULATOR_DECLINED_PRICE", ""}}).simulator.declined_price, std::nullopt)
        << "declines none";
}

TEST(PaymentConfig, ReadsTheProviderAndTheRetries) {
    const auto read = config_of(
        {{"PROVIDER", "http"},
         {"PROVIDER_URL", "https://pay.example/api/"},
         {"PROVIDER_TOKEN", "t"},
         {"PROVIDER_TIMEOUT", "700ms"},
         {"PROVIDER_CONNECT_TIMEOUT", "300ms"},
         {"PROVIDER_CONCURRENCY", "4"},
         {"PAYMENT_RETRY_PAUSE", "250ms"},
         {"PAYMENT_REFUND_TRIES", "2"},
         {"PAYMENT_FAILED_REFUND_PAUSE", "5m"}}
    );
    EXPECT_TRUE(read.over_http);
    EXPECT_EQ(read.http.url, "https://pay.example/api");
    EXPECT_EQ(read.http.token, "t");
    EXPECT_EQ(read.http.timeout, 700ms);
    EXPECT_EQ(read.http.connect_timeout, 300ms);
    EXPECT_EQ(read.concurrency, 4U);
    EXPECT_EQ(read.process.retry_pause, 250ms);
    EXPECT_EQ(read.process.refund_tries_to_tell, 2);
    EXPECT_EQ(read.failed_refund_pause, 5min);
}

TEST(PaymentConfig, NamesEveryWrongSetting) {
    for (const auto& [name, value] : {
             std::pair{"SIMULATOR_DECLINED_PRICE", "a lot"},
             std::pair{"SIMULATOR_DECLINED_PRICE", "1.00001"},
             std::pair{"SIMULATOR_DECLINED_PRICE", "-1"},
             std::pair{"SIMULATOR_ERROR_PERCENT", "101"},
             std::pair{"SIMULATOR_LATENCY", "2m"},
             std::pair{"PROVIDER", "stripe"},
             std::pair{"PROVIDER_URL", "pay.example"},
             std::pair{"PROVIDER_CONCURRENCY", "0"},
             std::pair{"PAYMENT_RETRY_PAUSE", "soon"},
             std::pair{"PAYMENT_RETRY_PAUSE", "1ms"},
             std::pair{"PAYMENT_RETRY_PAUSE", "11m"},
             std::pair{"PAYMENT_REFUND_TRIES", "0"},
         }) {
        const auto fault = test::fault_of(read_config, {{name, value}});
        EXPECT_TRUE(fault.starts_with(std::string(name) + ": ")) << value << " gives: " << fault;
    }
    EXPECT_TRUE(test::fault_of(read_config, {{"PROVIDER", "http"}}).starts_with("PROVIDER_URL: "));
}

TEST(PaymentConfig, AWrongSettingEndsTheProgramWithOneLine) {
    for (const auto* name : {"SIMULATOR_DECLINED_PRICE", "PAYMENT_RETRY_PAUSE", "PROVIDER"}) {
        const auto ending = test::run_with(program(), name, "nonsense");
        EXPECT_EQ(ending.code, 1);
        EXPECT_TRUE(ending.said.starts_with("error: " + std::string(name) + ": ")) << ending.said;
        EXPECT_EQ(std::ranges::count(ending.said, '\n'), 1) << ending.said;
    }
}

}  // namespace
}  // namespace platform::payment
