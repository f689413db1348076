#include "shared/telemetry/log_line.hpp"

#include "shared/core/json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <string>

namespace platform::log {
namespace {

Line line_of(std::string_view message, Fields fields) {
    return {
        .time = FakeClock().wall(),
        .level = Level::Warn,
        .service = "order",
        .message = message,
        .fields = fields
    };
}

TEST(LogLine, IsOneJsonObjectOnOneLine) {
    const std::string id = "o-1";
    EXPECT_EQ(
        render(
            line_of("payment declined", {{"order_id", id}, {"attempt", 3}, {"final", true}, {"share", 0.5}})
        ),
        R"({"time":"2026-01-01T00:00:00.000000Z","level":"warn","service":"order","message":"payment declined",)"
        R"("order_id":"o-1","attempt":3,"final":true,"share":0.5})"
        "\n"
    );
}

TEST(LogLine, CarriesTheCorrelationIdOnce) {
    const Fields own{{"correlation_id", "mine"}};
    Line line = line_of("m", {});
    line.correlation_id = "c-1";
    line.suppressed = 7;
    EXPECT_NE(render(line).find(R"("correlation_id":"c-1","suppressed":7})"), std::string::npos);
    line.fields = own;
    const std::string text = render(line);
    EXPECT_TRUE(json::parse(text).has_value()) << "no key is repeated";
    EXPECT_NE(text.find(R"("correlation_id":"mine")"), std::string::npos);
}

TEST(LogLine, CarriesTraceAndOrderWhereTheyAreKnown) {
    const Fields own{{"order_id", "mine"}};
    Line line = line_of("m", {});
    line.correlation_id = "c-1";
    line.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    line.order_id = "o-1";
    EXPECT_NE(
        render(line).find(
            R"("message":"m","correlation_id":"c-1","traceId":"4bf92f3577b34da6a3ce929d0e0e4736","order_id":"o-1"})"
        ),
        std::string::npos
    );
    line.fields = own;
    const std::string text = render(line);
    EXPECT_TRUE(json::parse(text).has_value()) << "no key is repeated";
    EXPECT_NE(text.find(R"("order_id":"mine")"), std::string::npos);
}

TEST(LogLine, AFieldCannotForgeAPartOfTheLine) {
    const auto parsed =
        json::parse(render(line_of("m", {{"level", "error"}, {"message", "x"}, {"time", 1}, {"service", "s"}})
        ));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->find("level")->text(), "warn");
    EXPECT_EQ(parsed->find("message")->text(), "m");
    EXPECT_EQ(parsed->find("field_level")->text(), "error");
}

TEST(LogLine, StaysOneValidLineWhateverTheBytes) {
    constexpr std::uint64_t kSeed = 3;
    std::mt19937_64 random(kSeed);
    for (int round = 0; round < 2000; ++round) {
        std::string bytes(random() % 16, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        const std::string text = render(line_of("constant", {{"value", bytes}}));
        ASSERT_TRUE(json::parse(text).has_value()) << text;
        ASSERT_EQ(text.find('\n'), text.size() - 1);
    }
}

TEST(LogLine, EscapesWhatWouldForgeALine) {
    const std::string text = render(line_of("m", {{"name", "x\"}\n{\"level\":\"error\"}"}}));
    EXPECT_NE(text.find(R"("name":"x\"}\n{\"level\":\"error\"}"})"), std::string::npos);
}

TEST(LogLine, WritesNumbersThatJsonHasNoWordFor) {
    const auto parsed =
        json::parse(render(line_of("m", {{"rate", std::numeric_limits<double>::quiet_NaN()}, {"top", 1e300}}))
        );
    ASSERT_TRUE(parsed.has_value());
    EXPECT_TRUE(parsed->find("rate")->is(json::Value::Kind::String));
    EXPECT_TRUE(parsed->find("top")->is(json::Value::Kind::Number));
}

}  // namespace
}  // namespace platform::log
