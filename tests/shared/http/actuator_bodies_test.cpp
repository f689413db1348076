#include "shared/http/actuator_bodies.hpp"

#include <gtest/gtest.h>

#include <string>

namespace platform::http {
namespace {

using State = resilience::CircuitBreaker::State;

TEST(ActuatorBodies, ReadsALevelInEitherCase) {
    EXPECT_EQ(read_level(R"({"configuredLevel":"DEBUG"})", log::Level::Warn), log::Level::Debug);
    EXPECT_EQ(read_level(R"({"configuredLevel":"error"})", log::Level::Warn), log::Level::Error);
    EXPECT_EQ(read_level(R"({"configuredLevel":null})", log::Level::Warn), log::Level::Warn);
    EXPECT_EQ(read_level("{}", log::Level::Error), log::Level::Error);
}

TEST(ActuatorBodies, ReadsAState) {
    EXPECT_EQ(read_breaker_state(R"({"updateState":"CLOSE"})"), State::Closed);
    EXPECT_EQ(read_breaker_state(R"({"updateState":"FORCE_OPEN"})"), State::ForcedOpen);
    EXPECT_EQ(read_breaker_state(R"({"updateState":"DISABLE"})"), State::Disabled);
}

TEST(ActuatorBodies, UnderstandsNothingElse) {
    for (const char* body : {"", "[]", "DEBUG", "\"DEBUG\"", "{", R"({"configuredLevel":"LOUD"})", R"({"configuredLevel":1})", R"({"level":"DEBUG"})",
                             R"({"configuredLevel":"DEBUG","more":1})", R"({"updateState":"OPEN"})", R"({"updateState":null})",
                             R"({"updateState":"close"})", R"({"updateState":"CLOSE","more":1})"}) {
        EXPECT_FALSE(read_level(body, log::Level::Warn)) << body;
        EXPECT_FALSE(read_breaker_state(body)) << body;
    }
}

}  // namespace
}  // namespace platform::http
