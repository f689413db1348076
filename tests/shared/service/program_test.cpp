#include "shared/service/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace platform::service {
namespace {

class ProgramTest : public testing::Test {
protected:
    int run_with(const std::vector<std::string_view>& arguments) {
        const Program program{
            .defaults = {.name = "tea-service", .http_port = 4711, .database = "tea_db"},
            .configure =
                [this](config::Reader& reader) {
                    (void)reader.text({.name = "TEA", .meaning = "Which tea.", .fallback = "black"});
                    return Program::Parts{
                        .schema = {},
                        .wire =
                            [this](Runtime&) {
                                wired_ = true;
                                return std::shared_ptr<void>{};
                            },
                        .commands = {{.name = "--brew", .options = {"--of", "--for"}, .run = {}}}
                    };
                },
        };
        return run(program, arguments, out_, err_);
    }
    std::ostringstream out_;
    std::ostringstream err_;
    bool wired_ = false;
};

TEST_F(ProgramTest, SettingsAreListedWithoutAnyServer) {
    EXPECT_EQ(run_with({"--settings"}), 0);
    for (const char* expected : {"TEA", "black", "HTTP_PORT", "4711", "MYSQL_PASSWORD", "tea_db"}) {
        EXPECT_NE(out_.str().find(expected), std::string::npos) << expected;
    }
    EXPECT_FALSE(wired_);
}

TEST_F(ProgramTest, UnknownArgumentsAreRefused) {
    EXPECT_EQ(run_with({"--help-me"}), 2);
    EXPECT_EQ(run_with({"--settings", "--migrate"}), 2);
    EXPECT_EQ(run_with({"--version"}), 0);
    EXPECT_NE(out_.str().find("tea-service"), std::string::npos);
    EXPECT_FALSE(wired_);
}

TEST_F(ProgramTest, ACommandNeedsEachOfItsOptionsOnce) {
    EXPECT_EQ(run_with({"--stew", "--of", "mint"}), 2);
    EXPECT_NE(err_.str().find("--brew --of <value> --for <value>"), std::string::npos) << err_.str();
    EXPECT_EQ(run_with({"--brew", "--of", "mint", "--for", "two"}), 1) << "it needs the service's settings";
    EXPECT_NE(err_.str().find("MYSQL_PASSWORD"), std::string::npos) << err_.str();
    EXPECT_FALSE(wired_);
}

TEST_F(ProgramTest, AMissingSettingIsOneLine) {
    EXPECT_EQ(run_with({}), 1);
    EXPECT_EQ(std::ranges::count(err_.str(), '\n'), 1);
    EXPECT_NE(err_.str().find("MYSQL_PASSWORD"), std::string::npos) << err_.str();
    EXPECT_FALSE(wired_);
}

}  // namespace
}  // namespace platform::service
