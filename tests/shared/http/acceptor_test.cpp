#include "shared/http/acceptor.hpp"

#include "tests/shared/http/raw_client.hpp"
#include "tests/shared/http/test_server.hpp"

#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>

namespace platform::http::test {
namespace {

TEST(AddressText, HasNoPort) {
    sockaddr_storage address{};
    auto& ipv4 = reinterpret_cast<sockaddr_in&>(address);
    ipv4.sin_family = AF_INET;
    ipv4.sin_addr.s_addr = htonl(0x0a000102);
    EXPECT_EQ(address_text(address), "10.0.1.2");

    address = {};
    auto& ipv6 = reinterpret_cast<sockaddr_in6&>(address);
    ipv6.sin6_family = AF_INET6;
    ::inet_pton(AF_INET6, "fd00::1", &ipv6.sin6_addr);
    EXPECT_EQ(address_text(address), "fd00::1");
    ::inet_pton(AF_INET6, "::ffff:10.0.1.2", &ipv6.sin6_addr);
    EXPECT_EQ(address_text(address), "10.0.1.2");
}

TEST(Acceptor, SaysWhyItCannotListen) {
    try {
        const Acceptor acceptor("198.51.100.7", 8080, [](Descriptor, const sockaddr_storage&) {});
        FAIL() << "that address is not ours";
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("198.51.100.7 port 8080"));
    }
}

// Without descriptors, clients learn at once that they are not served, the thread does not spin, and service goes on afterwards.
TEST(Acceptor, SurvivesAShortageOfDescriptors) {
    const TestServer server;
    RawClient early(server.port());
    EXPECT_EQ(early.ask(get("/json")).status, 200);

    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    RawClient late(server.port());  // its own descriptor, while there are some
    EXPECT_EQ(late.ask(get("/json")).status, 200);
    const int next = ::fcntl(0, F_DUPFD_CLOEXEC, 0);
    ::close(next);
    rlimit tight = before;
    tight.rlim_cur = static_cast<rlim_t>(next) + 1;  // for one more client, not for the server's side of it
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
    {
        RawClient refused(server.port());
        EXPECT_TRUE(refused.drained_to_end());
        EXPECT_EQ(early.ask(get("/json")).status, 200) << "clients that are in stay in";
    }
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_TRUE(eventually([&server] {
        RawClient client(server.port());
        return client.ask(get("/json")).status == 200;
    }));
}

}  // namespace
}  // namespace platform::http::test
