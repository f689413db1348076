#include "services/gateway/adapters/http_prober.hpp"

#include "tests/services/gateway/fake_upstream.hpp"

#include <gtest/gtest.h>

namespace platform::gateway {
namespace {

using namespace std::chrono_literals;

TEST(HttpProber, BelievesTheReadinessOfThePod) {
    test::FakeUpstream pod;
    HttpProber prober(5s);
    const Address address{"127.0.0.1", pod.port()};
    EXPECT_TRUE(prober.ready(address));
    pod.set_ready(false);
    EXPECT_FALSE(prober.ready(address));
    pod.set_ready(true);
    EXPECT_TRUE(prober.ready(address));
    pod.stop();
    EXPECT_FALSE(prober.ready(address));
}

}  // namespace
}  // namespace platform::gateway
