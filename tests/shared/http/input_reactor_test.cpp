#include "shared/http/input_reactor.hpp"

#include "tests/shared/http/raw_client.hpp"
#include "tests/shared/http/test_server.hpp"

#include <gtest/gtest.h>

#include <array>
#include <mutex>
#include <string>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace platform::http::test {
namespace {

class Recorder final : public RequestSink {
public:
    void accept(FramedRequest framed, Connection&) override {
        const std::lock_guard lock(mutex_);
        targets_ += framed.target;
    }
    std::string targets() {
        const std::lock_guard lock(mutex_);
        return targets_;
    }

private:
    std::mutex mutex_;
    std::string targets_;
};

TEST(InputReactor, BringsBytesAndTheirEndToTheConnection) {
    SystemClock clock;
    metrics::Registry registry("test");
    Recorder sink;
    const auto shared = std::make_shared<SharedState>(Server::Options{}, clock, registry);
    shared->sink = &sink;
    shared->attendant.start(clock, std::chrono::milliseconds(10), [] { return false; });
    std::array<int, 2> pair{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()), 0);
    Descriptor client(pair[1]);
    auto connection = std::make_shared<Connection>(shared, 1, Descriptor(::fcntl(pair[0], F_DUPFD_CLOEXEC, 0)), "here");
    shared->attendant.add(connection);
    {
        InputReactor reactor(1);
        sockaddr_storage address{};
        address.ss_family = AF_INET;
        reactor.add(Descriptor(pair[0]), address, connection);
        const std::string request = get("/a");
        ASSERT_EQ(::send(client.get(), request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
        EXPECT_TRUE(eventually([&sink] { return sink.targets() == "/a"; }));
        client.close();
        EXPECT_TRUE(eventually([&shared] { return shared->attendant.connections() == 0; }));
        EXPECT_TRUE(eventually([&pair] { return ::fcntl(pair[0], F_GETFD) == -1; })) << "the reactor closes what it was given";
    }
    shared->attendant.stop();
}

TEST(InputReactor, ClosesWhatIsOpenWhenItStops) {
    SystemClock clock;
    metrics::Registry registry("test");
    const auto shared = std::make_shared<SharedState>(Server::Options{}, clock, registry);
    shared->attendant.start(clock, std::chrono::milliseconds(10), [] { return false; });
    std::array<int, 2> pair{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()), 0);
    Descriptor client(pair[1]);
    sockaddr_storage address{};
    address.ss_family = AF_INET;
    InputReactor reactor(2);
    reactor.add(
        Descriptor(pair[0]),
        address,
        std::make_shared<Connection>(shared, 1, Descriptor(::fcntl(pair[0], F_DUPFD_CLOEXEC, 0)), "here")
    );
    reactor.stop();
    EXPECT_EQ(::fcntl(pair[0], F_GETFD), -1);
    reactor.stop();
    shared->attendant.stop();
}

}  // namespace
}  // namespace platform::http::test
