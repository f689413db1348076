#include "services/notification/domain/preference.hpp"

#include <gtest/gtest.h>

namespace platform::notification {
namespace {

TEST(Preference, OnlyAPlainAddressIsOne) {
    EXPECT_TRUE(is_plain_address("eve.smith+orders@mail.example.org"));
    EXPECT_TRUE(is_plain_address("a@b"));
    for (const auto* other : {"", "user-1", "@b.c", "a@", "a@b@c", "a b@c.d", "a@b.c>", "<a@b.c", "a@b.c, d@e.f", "a\r\n@b.c", "a@b\nc", "ä@b.c"}) {
        EXPECT_FALSE(is_plain_address(other)) << other;
    }
    EXPECT_TRUE(is_plain_address("a@" + std::string(252, 'b')));
    EXPECT_FALSE(is_plain_address("a@" + std::string(253, 'b')));
}

TEST(Preference, SaysWhatIsWrongWithIt) {
    EXPECT_FALSE(fault_of({}));
    EXPECT_FALSE(fault_of({.email = "a@b.c", .channels = {"email", "log"}, .opt_out = true}));
    EXPECT_EQ(fault_of({.email = "a@b.c\r\nBcc: d@e.f", .channels = {}, .opt_out = false})->member, "email");
    EXPECT_EQ(fault_of({.email = "", .channels = {"pigeon"}, .opt_out = false})->member, "channels");
    EXPECT_EQ(fault_of({.email = "", .channels = {"none"}, .opt_out = false})->member, "channels");
    EXPECT_EQ(fault_of({.email = "", .channels = {"log", "log"}, .opt_out = false})->member, "channels");
}

}  // namespace
}  // namespace platform::notification
