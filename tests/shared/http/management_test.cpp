#include "shared/http/management.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace platform::http {
namespace {

Server::Options options_of(std::map<std::string, std::string> environment, std::uint16_t http_port) {
    const auto source = config::Source::of(std::move(environment));
    config::Reader reader(source);
    auto options = read_management(reader, http_port);
    reader.finish();
    return options;
}

TEST(ManagementTest, ListensOnLoopbackBesideTheApi) {
    const auto options = options_of({}, 8081);
    EXPECT_EQ(options.host, "127.0.0.1");
    EXPECT_EQ(options.port, 8181);
    EXPECT_EQ(options.threads, 1);
}

TEST(ManagementTest, TakesAFreePortWhereTheApiDoesAndWhereNoneIsLeft) {
    EXPECT_EQ(options_of({}, 0).port, 0);
    EXPECT_EQ(options_of({}, 65500).port, 0);
}

TEST(ManagementTest, ThePortIsASetting) {
    EXPECT_EQ(options_of({{"MANAGEMENT_PORT", "9100"}}, 8081).port, 9100);
    EXPECT_THROW(options_of({{"MANAGEMENT_PORT", "65536"}}, 8081), config::SettingError);
}

TEST(ManagementTest, TheAddressIsNot) {
    EXPECT_EQ(options_of({{"MANAGEMENT_HOST", "0.0.0.0"}}, 8081).host, "127.0.0.1");
}

}  // namespace
}  // namespace platform::http
