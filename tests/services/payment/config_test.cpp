#include "services/payment/config.hpp"

#include "services/payment/app.hpp"
#include "tests/services/running_service.hpp"

#include <algorithm>

namespace platform::payment {
namespace {

Config config_of(test::Settings settings) {
    const auto source = config::Source::of(std::move(settings));
    config::Reader reader(source);
    auto read = read_config(reader);
    reader.finish();
    return read;
}

TEST(PaymentConfig, HasDefaults) {
    const auto read = config_of({});
    EXPECT_EQ(read.declined_price, Money::of_units(99'999'900));
    EXPECT_EQ(read.process.retry_pause, std::chrono::seconds(10));
}

TEST(PaymentConfig, ReadsWhatIsSet) {
    const auto read = config_of({{"SIMULATOR_DECLINED_PRICE", "12.5"}, {"PAYMENT_RETRY_PAUSE", "250ms"}});
    EXPECT_EQ(read.declined_price, Money::of_units(125'000));
    EXPECT_EQ(read.process.retry_pause, std::chrono::milliseconds(250));
    EXPECT_EQ(config_of({{"SIMULATOR_DECLINED_PRICE", ""}}).declined_price, std::nullopt) << "declines none";
}

TEST(PaymentConfig, NamesEveryWrongSetting) {
    for (const auto& [name, value] : {
             std::pair{"SIMULATOR_DECLINED_PRICE", "a lot"},
             std::pair{"SIMULATOR_DECLINED_PRICE", "1.00001"},
             std::pair{"SIMULATOR_DECLINED_PRICE", "-1"},
             std::pair{"PAYMENT_RETRY_PAUSE", "soon"},
             std::pair{"PAYMENT_RETRY_PAUSE", "1ms"},
             std::pair{"PAYMENT_RETRY_PAUSE", "11m"},
         }) {
        const auto fault = test::fault_of(read_config, {{name, value}});
        EXPECT_TRUE(fault.starts_with(std::string(name) + ": ")) << value << " gives: " << fault;
    }
}

TEST(PaymentConfig, AWrongSettingEndsTheProgramWithOneLine) {
    for (const auto* name : {"SIMULATOR_DECLINED_PRICE", "PAYMENT_RETRY_PAUSE"}) {
        const auto ending = test::run_with(program(), name, "nonsense");
        EXPECT_EQ(ending.code, 1);
        EXPECT_TRUE(ending.said.starts_with("error: " + std::string(name) + ": ")) << ending.said;
        EXPECT_EQ(std::ranges::count(ending.said, '\n'), 1) << ending.said;
    }
}

}  // namespace
}  // namespace platform::payment
