#include "operator/kube/rest_transport.hpp"

#include "tests/operator/fake_api_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>

namespace platform::kube {
namespace {

using test::FakeApiServer;
using namespace std::chrono_literals;

/// A transport without a token to a fake server.
struct Rig {
    explicit Rig(const std::string& url, Duration timeout = 2s, Duration stream_timeout = 5s)
        : transport(
              {.base_url = url, .ca_file = "", .timeout = timeout, .stream_timeout = stream_timeout},
              token
          ) {}
    SystemClock clock;
    TokenFile token{"", clock};
    RestTransport transport;
};

std::size_t threads_of_this_process() {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) ++count;
    return count;
}

TEST(RestTransport, CarriesMethodTargetTypeAndBodyUnchanged) {
    const FakeApiServer server([](const auto&, auto& reply) { reply.answer(409, R"({"message":"no"})"); });
    Rig rig(server.url());
    const auto answer = rig.transport.send(
        {.method = "PATCH",
         .target = "/a/b?x=1%2C2",
         .content_type = "application/merge-patch+json",
         .body = R"({"a":1})"}
    );
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->status, 409);
    EXPECT_EQ(answer->body, R"({"message":"no"})");
    ASSERT_EQ(server.seen().size(), 1U);
    const auto seen = server.seen().front();
    EXPECT_EQ(seen.method, "PATCH");
    EXPECT_EQ(seen.target, "/a/b?x=1%2C2");
    EXPECT_EQ(seen.body, R"({"a":1})");
    EXPECT_TRUE(seen.headers.at("content-type").starts_with("application/merge-patch+json"));
}

TEST(RestTransport, NobodyThereIsUnavailable) {
    std::string url;
    {
        const FakeApiServer gone([](const auto&, auto& reply) { reply.answer(200, "{}"); });
        url = gone.url();
    }
    Rig rig(url);
    const auto answer = rig.transport.send({.target = "/"});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::Unavailable);
}

// Trap: an exception in a task that nobody looks at ends the process. Every way to fail is taken, and we are
// still here.
TEST(RestTransport, SurvivesEveryWayToFail) {
    std::atomic<int> round{0};
    const FakeApiServer server([&](const auto&, auto& reply) {
        switch (round++ % 4) {
            case 0:
                reply.hang_up();
                break;
            case 1:
                reply.begin_stream();
                reply.chunk("half a line");
                reply.hang_up();
                break;
            case 2:
                reply.answer(200, "{}");
                reply.hang_up();
                break;
            default:
                reply.wait_for_client_to_leave();
                reply.hang_up();
        }
    });
    Rig rig(server.url(), 200ms, 200ms);
    for (int i = 0; i < 12; ++i) {
        (void)rig.transport.send({.target = "/call"});
        (void)rig.transport.stream({.target = "/watch"}, [](std::string&&) { return true; }, {});
    }
    EXPECT_GE(round.load(), 24);
}

// Trap: a library pool of forty threads.
TEST(RestTransport, KeepsTheLibraryToAFewThreads) {
    const FakeApiServer server([](const auto&, auto& reply) { reply.answer(200, "{}"); });
    Rig rig(server.url());
    ASSERT_TRUE(rig.transport.send({.target = "/"}));
#ifdef __SANITIZE_THREAD__
    constexpr std::size_t kSanitizer = 1;  // has a thread of its own
#else
    constexpr std::size_t kSanitizer = 0;
#endif
    EXPECT_LE(threads_of_this_process(), 3U + kSanitizer + RestTransport::kThreads + server.connections());
}

// Trap: a request on a kept connection that was closed is sent again, POST too. So a change may arrive twice;
// nothing may be lost instead.
TEST(RestTransport, AClosedKeptConnectionDoesNotLoseTheNextRequest) {
    std::atomic<int> calls{0};
    const FakeApiServer server([&](const auto&, auto& reply) {
        reply.answer(200, "{}");
        if (calls++ == 0) reply.hang_up();
    });
    Rig rig(server.url());
    ASSERT_TRUE(rig.transport.send({.target = "/1"}));
    const auto second = rig.transport.send({.method = "POST", .target = "/2", .body = "{}"});
    if (!second) {
        EXPECT_TRUE(second.error().outcome_unknown);
    }
    const auto third = rig.transport.send({.method = "POST", .target = "/3", .body = "{}"});
    EXPECT_TRUE(third);
}

TEST(RestTransport, ReusesItsConnection) {
    const FakeApiServer server([](const auto&, auto& reply) { reply.answer(200, "{}"); });
    Rig rig(server.url());
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(rig.transport.send({.target = "/"}));
    // The library gives a connection back on a thread of its own, at times just after the next request has begun.
    EXPECT_LE(server.connections(), 3U);
}

// Trap: reading by blocks hands over nothing until a block is full. A line has to be there when the server
// sent it, however it was cut.
TEST(RestTransport, StreamsEachLineAtOnceHoweverItIsCut) {
    std::promise<void> first_arrived;
    auto arrived = first_arrived.get_future();
    std::atomic<bool> seen_before_the_end{false};
    const FakeApiServer server([&](const auto&, auto& reply) {
        reply.begin_stream();
        reply.chunk("{\"n\":");
        reply.chunk("1}\n");
        seen_before_the_end = arrived.wait_for(3s) == std::future_status::ready;
        reply.chunk("{\"n\":2}\n{\"n\":3}\n");
        reply.end_stream();
    });
    Rig rig(server.url());
    std::vector<std::string> lines;
    const auto end = rig.transport.stream(
        {.target = "/watch"},
        [&](std::string&& line) {
            lines.push_back(std::move(line));
            if (lines.size() == 1) first_arrived.set_value();
            return true;
        },
        {}
    );
    ASSERT_TRUE(end) << end.error().what;
    EXPECT_TRUE(seen_before_the_end);
    EXPECT_EQ(lines, (std::vector<std::string>{R"({"n":1})", R"({"n":2})", R"({"n":3})"}));
    EXPECT_EQ(end->lines, 3U);
}

// Trap: the library's own limit ends a quiet watch; streams have another one than calls.
TEST(RestTransport, AQuietStreamOutlivesTheLimitOfCalls) {
    std::promise<void> never;
    const auto silence = never.get_future().share();
    const FakeApiServer server([silence](const auto&, auto& reply) {
        reply.begin_stream();
        silence.wait_for(600ms);  // six times the limit of calls
        reply.chunk("late\n");
        reply.end_stream();
    });
    Rig rig(server.url(), 100ms, 5s);
    std::vector<std::string> lines;
    const auto end = rig.transport.stream(
        {.target = "/watch"},
        [&](std::string&& line) {
            lines.push_back(std::move(line));
            return true;
        },
        {}
    );
    ASSERT_TRUE(end);
    EXPECT_EQ(lines, std::vector<std::string>{"late"});
}

TEST(RestTransport, ASilentStreamEndsAfterItsOwnLimit) {
    const FakeApiServer server([](const auto&, auto& reply) {
        reply.begin_stream();
        reply.chunk("one\n");
        reply.wait_for_client_to_leave();
        reply.hang_up();
    });
    Rig rig(server.url(), 2s, 300ms);
    const auto end = rig.transport.stream({.target = "/watch"}, [](std::string&&) { return true; }, {});
    ASSERT_TRUE(end);
    EXPECT_EQ(end->lines, 1U);
}

TEST(RestTransport, AStopEndsAnIdleStreamSoon) {
    std::promise<void> open;
    const FakeApiServer server([&](const auto&, auto& reply) {
        reply.begin_stream();
        reply.chunk("one\n");
        reply.wait_for_client_to_leave();
        reply.hang_up();
    });
    Rig rig(server.url(), 2s, 60s);
    std::stop_source stop;
    auto streaming = std::async(std::launch::async, [&] {
        return rig.transport.stream(
            {.target = "/watch"},
            [&](std::string&&) {
                open.set_value();
                return true;
            },
            stop.get_token()
        );
    });
    open.get_future().wait();
    stop.request_stop();
    ASSERT_EQ(streaming.wait_for(5s), std::future_status::ready);
    EXPECT_TRUE(streaming.get());
}

TEST(RestTransport, ARefusedStreamSaysWhy) {
    const FakeApiServer server([](const auto&, auto& reply) { reply.answer(410, R"({"code":410})"); });
    Rig rig(server.url());
    const auto end = rig.transport.stream({.target = "/watch"}, [](std::string&&) { return true; }, {});
    ASSERT_TRUE(end);
    EXPECT_EQ(end->status, 410);
    EXPECT_EQ(end->body, R"({"code":410})");
}

TEST(RestTransport, AnUnusableAddressIsRefusedAtTheStart) {
    SystemClock clock;
    TokenFile token("", clock);
    EXPECT_THROW(RestTransport({.base_url = "not a url", .ca_file = ""}, token), std::runtime_error);
}

}  // namespace
}  // namespace platform::kube
