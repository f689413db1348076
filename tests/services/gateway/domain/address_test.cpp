#include "services/gateway/domain/address.hpp"

#include <gtest/gtest.h>

namespace platform::gateway {
namespace {

TEST(Address, ReadsAndWritesHostAndPort) {
    for (const char* text :
         {"order-headless:8081",
          "order.platform.svc.cluster.local:1",
          "127.0.0.1:65535",
          "[::1]:8081",
          "a_b:80"}) {
        const auto address = Address::parse(text);
        ASSERT_TRUE(address.has_value()) << text;
        EXPECT_EQ(address->text(), text);
    }
    EXPECT_EQ(Address::parse("[::1]:80")->host, "::1");
}

TEST(Address, RefusesOtherTexts) {
    for (const char* text : {
             "",
             ":",
             "order",
             "order:",
             ":8081",
             "order:0",
             "order:65536",
             "order:80x",
             "order: 80",
             "order:-1",
             "::1:80",
             "[::1]",
             "[]:80",
             "a b:80",
             "http://order:80",
             "order/x:80",
             "user@host:80",
         }) {
        const auto address = Address::parse(text);
        ASSERT_FALSE(address.has_value()) << text;
        EXPECT_EQ(address.error().kind, ErrorKind::Invalid);
    }
}

}  // namespace
}  // namespace platform::gateway
