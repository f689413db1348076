#include "shared/config/settings.hpp"

#include <gtest/gtest.h>

namespace platform::config {
namespace {

TEST(SettingError, IsOneLineWhateverTheValueHolds) {
    EXPECT_STREQ(SettingError("HTTP_PORT: '80\n81\x1B[2J\x7F' is wrong").what(), "HTTP_PORT: '80?81?[2J?' is wrong");
    EXPECT_STREQ(SettingError("a pot of caf\xC3\xA9").what(), "a pot of caf\xC3\xA9");
}

}  // namespace
}  // namespace platform::config
