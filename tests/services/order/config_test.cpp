#include "services/order/config.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace platform::order {
namespace {

using namespace std::chrono_literals;

Config read(std::map<std::string, std::string> environment) {
    const auto source = config::Source::of(std::move(environment));
    config::Reader reader(source);
    Config config = read_config(reader);
    reader.finish();
    return config;
}

TEST(OrderConfigTest, HasDefaultsForEverything) {
    const Config config = read({});
    EXPECT_EQ(config.default_currency, "EUR");
    EXPECT_EQ(config.committers, 2U);
    EXPECT_EQ(config.committer.batch, 128U);
    EXPECT_EQ(config.queue.limit, 2000U);
    EXPECT_EQ(config.queue.max_age, 2s);
    EXPECT_EQ(config.sweeper.stuck_after, 30s);
    EXPECT_EQ(config.sweeper.deadline, 15min);
    EXPECT_EQ(config.key_retention, 24h);
    EXPECT_TRUE(config.timeline.on);
    EXPECT_EQ(config.timeline.group, "order-timeline");
    EXPECT_EQ(config.timeline.retention, 7 * 24h);
    EXPECT_FALSE(config.pricing.verify) << "as in the system that this one re-creates";
    EXPECT_EQ(config.waits.limit, 1000U);
    EXPECT_LT(config.waits.longest, 5s) << "the gateway's route gives up after that";
}

TEST(OrderConfigTest, ReadsWhatIsSet) {
    const Config config =
        read({{"ORDER_DEADLINE", "1h"}, {"DEFAULT_CURRENCY", "USD"}, {"COMMIT_BATCH", "7"}, {"PRICING_MODE", "verify"}});
    EXPECT_TRUE(config.pricing.verify);
    EXPECT_EQ(config.sweeper.deadline, 1h);
    EXPECT_EQ(config.default_currency, "USD");
    EXPECT_EQ(config.committer.batch, 7U);
}

TEST(OrderConfigTest, AWrongSettingIsNamed) {
    for (const auto& [name, value] : std::map<std::string, std::string>{
             {"DEFAULT_CURRENCY", "euro"},
             {"COMMITTERS", "0"},
             {"COMMIT_BATCH", "many"},
             {"ORDER_DEADLINE", "soon"},
             {"ACCEPT_QUEUE_LIMIT", "-1"},
             {"PRICING_MODE", "catalog"}
         }) {
        SCOPED_TRACE(name);
        try {
            (void)read({{name, value}});
            FAIL() << "accepted";
        } catch (const config::SettingError& e) {
            EXPECT_NE(std::string(e.what()).find(name), std::string::npos) << e.what();
        }
    }
}

}  // namespace
}  // namespace platform::order
