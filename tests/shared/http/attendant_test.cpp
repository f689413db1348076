#include "shared/http/attendant.hpp"

#include "tests/shared/http/test_server.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>

#include <sys/epoll.h>
#include <sys/socket.h>

namespace platform::http::test {
namespace {

using namespace std::chrono_literals;

/// A connection that writes one byte a turn into a socket.
class FakeConnection final : public Attended {
public:
    explicit FakeConnection(std::uint64_t number, int bytes = 0) : left(bytes), number_(number) {
        std::array<int, 2> pair{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair.data()), 0);
        ours_ = Descriptor(pair[0]);
        theirs_ = Descriptor(pair[1]);
    }
    [[nodiscard]] std::uint64_t number() const override { return number_; }
    bool await_writable(int epoll) override {
        if (left == 0) return false;
        epoll_event event{.events = EPOLLOUT | EPOLLONESHOT, .data = {.u64 = number_}};
        return ::epoll_ctl(epoll, EPOLL_CTL_MOD, ours_.get(), &event) == 0 || ::epoll_ctl(epoll, EPOLL_CTL_ADD, ours_.get(), &event) == 0;
    }
    Writing write_more() override {
        if (hold) return Writing::Blocked;
        return --left == 0 ? Writing::Finished : Writing::Blocked;
    }
    void check_deadline(Instant) override { ++checks; }
    void resume() override { ++resumes; }
    void abort() override {
        left = 0;
        aborted = true;
    }
    void close() override { left = 0; }

    std::atomic<int> left;
    std::atomic<int> checks{0};
    std::atomic<int> resumes{0};
    std::atomic<bool> aborted{false};
    std::atomic<bool> hold{false};

private:
    std::uint64_t number_;
    Descriptor ours_;
    Descriptor theirs_;
};

TEST(Attendant, WritesResumesAndWatchesDeadlines) {
    SystemClock clock;
    Attendant attendant;
    attendant.start(clock, 10ms, [] { return false; });
    const auto connection = std::make_shared<FakeConnection>(1, 5);
    attendant.add(connection);
    attendant.write_when_possible(connection);
    attendant.resume_soon(connection);
    EXPECT_TRUE(eventually([&] { return connection->left == 0 && connection->resumes == 1 && connection->checks >= 3; }));
    EXPECT_EQ(attendant.connections(), 1U);
    attendant.remove(1);
    EXPECT_EQ(attendant.connections(), 0U);
}

TEST(Attendant, CutsOffWhoWaitsLongestWhenThereIsTooMuch) {
    SystemClock clock;
    Attendant attendant;
    std::atomic<bool> too_much{false};
    const auto first = std::make_shared<FakeConnection>(1, 5);
    const auto second = std::make_shared<FakeConnection>(2, 5);
    first->hold = second->hold = true;
    attendant.start(clock, 10ms, [&] { return too_much && !first->aborted; });
    attendant.add(first);
    attendant.add(second);
    attendant.write_when_possible(first);
    attendant.write_when_possible(second);
    attendant.resume_soon(second);
    EXPECT_TRUE(eventually([&] { return second->resumes == 1; }));
    too_much = true;
    EXPECT_TRUE(eventually([&] { return first->aborted.load(); }));
    EXPECT_FALSE(second->aborted);
}

TEST(Attendant, StopForgetsEverything) {
    SystemClock clock;
    Attendant attendant;
    attendant.start(clock, 10ms, [] { return false; });
    auto connection = std::make_shared<FakeConnection>(1, 5);
    connection->hold = true;
    attendant.add(connection);
    attendant.write_when_possible(connection);
    attendant.stop();
    attendant.stop();
    EXPECT_EQ(connection.use_count(), 1);
}

}  // namespace
}  // namespace platform::http::test
