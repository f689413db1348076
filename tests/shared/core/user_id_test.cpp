#include "shared/core/user_id.hpp"

#include <gtest/gtest.h>

#include <string>

namespace platform {
namespace {

TEST(UserId, IsOneToSixtyFourCharacters) {
    std::string umlauts;
    for (int i = 0; i < 64; ++i) umlauts += "\xC3\xBC";
    EXPECT_TRUE(valid_user_id("u"));
    EXPECT_TRUE(valid_user_id(std::string(64, 'u')));
    EXPECT_TRUE(valid_user_id(umlauts)) << "characters are counted, not bytes";
    EXPECT_TRUE(valid_user_id("a b&c/\"d\""));
    EXPECT_FALSE(valid_user_id(""));
    EXPECT_FALSE(valid_user_id(std::string(65, 'u')));
    EXPECT_FALSE(valid_user_id(umlauts + "u"));
}

TEST(UserId, HasNoControlCharacters) {
    for (const char c : {'\0', '\t', '\n', '\x1F', '\x7F'}) EXPECT_FALSE(valid_user_id(std::string("a") + c + "b")) << int{c};
}

}  // namespace
}  // namespace platform
