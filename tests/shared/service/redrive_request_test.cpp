#include "shared/service/redrive_request.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace platform::service {
namespace {

TEST(RedriveRequest, AnEmptyBodyAsksForEverythingOfTheUsualGroup) {
    for (const char* body : {"", "{}"}) {
        const auto request = read_redrive(body, "order-service");
        ASSERT_TRUE(request) << body;
        EXPECT_EQ(request->group, "order-service");
        EXPECT_FALSE(request->choice.topic || request->choice.partition || request->choice.key);
        EXPECT_EQ(request->choice.limit, Redrive::Choice{}.limit);
    }
}

TEST(RedriveRequest, TakesEachMember) {
    const auto request =
        read_redrive(R"({"group":"order-timeline","topic":"order.events","partition":2,"key":"k","limit":10000})", "order-service");
    ASSERT_TRUE(request);
    EXPECT_EQ(request->group, "order-timeline");
    EXPECT_EQ(request->choice.topic, "order.events");
    EXPECT_EQ(request->choice.partition, 2);
    EXPECT_EQ(request->choice.key, "k");
    EXPECT_EQ(request->choice.limit, 10'000U);
}

TEST(RedriveRequest, NamesThePlaceOfAFault) {
    for (const auto& [body, pointer] : std::vector<std::pair<std::string, std::string>>{
             {"[]", ""},
             {"{", ""},
             {R"({"limit":1,"limit":1})", "/limit"},
             {R"({"limit":0})", "/limit"},
             {R"({"limit":10001})", "/limit"},
             {R"({"limit":1.5})", "/limit"},
             {R"({"limit":"1"})", "/limit"},
             {R"({"partition":-1})", "/partition"},
             {R"({"partition":2147483648})", "/partition"},
             {R"({"topic":1})", "/topic"},
             {R"({"key":""})", "/key"},
             {R"({"group":"a\u0000b"})", "/group"},
             {R"({"group":")" + std::string(256, 'g') + R"("})", "/group"},
             {R"({"un/known":1})", "/un~1known"},
         }) {
        const auto request = read_redrive(body, "order-service");
        ASSERT_FALSE(request) << body;
        EXPECT_EQ(request.error().pointer, pointer) << body;
        EXPECT_FALSE(request.error().message.empty()) << body;
    }
}

}  // namespace
}  // namespace platform::service
