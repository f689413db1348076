#include "services/gateway/adapters/dns_resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platform::gateway {
namespace {

using testing::Contains;
using testing::ElementsAre;

TEST(DnsResolver, ANumberIsItsOwnAnswer) {
    DnsResolver resolver;
    EXPECT_THAT(resolver.resolve({"127.0.0.1", 8081}).value(), ElementsAre(Address{"127.0.0.1", 8081}));
    EXPECT_THAT(resolver.resolve({"::1", 8081}).value(), ElementsAre(Address{"::1", 8081}));
}

TEST(DnsResolver, FindsTheAddressesOfAName) {
    DnsResolver resolver;
    EXPECT_THAT(resolver.resolve({"localhost", 80}).value(), Contains(Address{"127.0.0.1", 80}));
}

TEST(DnsResolver, ANameThatIsNotThereIsAnError) {
    DnsResolver resolver;
    const auto answer = resolver.resolve({"no-such-service.invalid", 80});
    ASSERT_FALSE(answer.has_value());
    EXPECT_TRUE(answer.error().kind == ErrorKind::NotFound || answer.error().kind == ErrorKind::Unavailable);
}

}  // namespace
}  // namespace platform::gateway
