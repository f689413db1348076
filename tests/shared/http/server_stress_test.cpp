#include "tests/shared/http/raw_client.hpp"
#include "tests/shared/http/stress_clients.hpp"
#include "tests/shared/http/test_server.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <random>
#include <vector>

#include <poll.h>

namespace platform::http::test {
namespace {

using testing::IsEmpty;

// Fails with -DPLATFORM_MUTANT=plain_pistache_writes, where answers go out by number of descriptor, as the plain library sends them: the
// number of a client that left belongs to the next client.
TEST(ServerStress, AnAnswerNeverReachesTheNextClient) {
    TestServer server;
    for (int round = 0; round < 5; ++round) {
        auto left = std::make_unique<RawClient>(server.port());
        left->send(get("/hold/secret"));
        Responder responder = server.take_held();
        left->reset();
        left.reset();
        std::vector<std::unique_ptr<RawClient>> next;
        for (int i = 0; i < 8; ++i) {
            next.push_back(std::make_unique<RawClient>(server.port()));
            const std::string own = std::to_string(i);
            EXPECT_EQ(i == 0 ? own : next.back()->ask(get("/items/" + own)).body, own);
        }
        responder.send(text("the secret of somebody else"));
        // Two requests on each: had the secret come, it would have come before the second answer.
        for (const auto& client : next) {
            EXPECT_EQ(client->ask(get("/later/own")).body, "own");
            EXPECT_EQ(client->ask(get("/items/own")).body, "own");
        }
    }
}

class StressOnPaths : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(StressOnPaths, HundredsOfClientsGetTheirOwnAnswersWhileOthersLeave) {
    const TestServer server;
    const unsigned seed = std::random_device{}() % 1'000'000;
    SCOPED_TRACE("seed " + std::to_string(seed));
    const StressTally tally = stress({.port = server.port(), .paths = GetParam(), .seed = seed});
    EXPECT_EQ(tally.misdelivered, 0U);
    EXPECT_THAT(tally.examples, IsEmpty());
    EXPECT_EQ(tally.missing, 0U);
    EXPECT_GT(tally.own, 3000U);
    EXPECT_GT(tally.aborted, 6000U);
    EXPECT_TRUE(eventually([&server] { return server.metric("http_server_connections") == 0; }));
    EXPECT_EQ(server.server.requests_in_flight(), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    ServerStress,
    StressOnPaths,
    testing::Values(
        std::vector<std::string>{"/items/"}, std::vector<std::string>{"/later/"}, std::vector<std::string>{"/items/", "/later/"}
    )
);

}  // namespace
}  // namespace platform::http::test
