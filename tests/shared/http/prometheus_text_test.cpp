#include "shared/http/prometheus_text.hpp"

#include "shared/telemetry/metrics.hpp"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

namespace platform::http {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(ParseSample, ReadsWhatTheRegistryWrites) {
    metrics::Registry registry("order");
    registry.gauge("lag", "help", {{"topic", "a\"b\\c,d}\ne"}, {"group", ""}}).set(2.5);
    const std::string scrape = registry.scrape();
    std::string_view text = scrape;
    std::vector<Sample> found;
    while (!text.empty()) {
        const auto sample = parse_sample(take_until(text, '\n'));
        if (sample && sample->name == "lag") found.push_back(*sample);
    }
    ASSERT_EQ(found.size(), 1U) << "comments are no samples";
    EXPECT_THAT(found[0].labels, ElementsAre(Pair("application", "order"), Pair("group", ""), Pair("topic", "a\"b\\c,d}\ne")));
    EXPECT_EQ(found[0].value, 2.5);
}

TEST(ParseSample, ReadsSamplesWithoutLabels) {
    const auto sample = parse_sample("up 1");
    ASSERT_TRUE(sample);
    EXPECT_EQ(sample->name, "up");
    EXPECT_TRUE(sample->labels.empty());
    EXPECT_EQ(sample->value, 1);
}

TEST(ParseSample, LeavesOutWhatIsNone) {
    for (const char* line : {"", "# HELP lag 1", "lag", "lag{", "lag{topic", "lag{topic=", "lag{topic=\"a\"", "lag{topic=\"a\"}", "lag{topic=\"a\"} x", "lag "}) {
        EXPECT_FALSE(parse_sample(line)) << line;
    }
}

TEST(TakeUntil, TakesTheEndAwayAndTheRestWithoutOne) {
    std::string_view text = "a b";
    EXPECT_EQ(take_until(text, ' '), "a");
    EXPECT_EQ(text, "b");
    EXPECT_EQ(take_until(text, ' '), "b");
    EXPECT_TRUE(text.empty());
}

}  // namespace
}  // namespace platform::http
