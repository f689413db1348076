#include "operator/kube/credentials.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace platform::kube {
namespace {

class TokenFileTest : public testing::Test {
protected:
    void SetUp() override {
        path_ = std::filesystem::path(testing::TempDir()) / ("token-" + std::to_string(getpid()));
        std::filesystem::remove(path_);
    }
    void TearDown() override { std::filesystem::remove(path_); }
    void write(const std::string& text) const { std::ofstream(path_) << text; }

    std::filesystem::path path_;
    FakeClock clock_;
};

TEST_F(TokenFileTest, ReadsAgainWithinAMinute) {
    write("one\n");
    TokenFile file(path_, clock_);
    EXPECT_EQ(file.token().value(), "one");
    write("two\n");
    EXPECT_EQ(file.token().value(), "one");
    clock_.advance(std::chrono::seconds(60));
    EXPECT_EQ(file.token().value(), "two");
}

TEST_F(TokenFileTest, AnUnreadableFileLeavesTheLastToken) {
    write("one");
    TokenFile file(path_, clock_);
    ASSERT_TRUE(file.token());
    std::filesystem::remove(path_);
    clock_.advance(std::chrono::hours(1));
    EXPECT_EQ(file.token().value(), "one");
}

TEST_F(TokenFileTest, NoFileAtAllIsUnavailable) {
    TokenFile file(path_, clock_);
    ASSERT_FALSE(file.token());
    EXPECT_EQ(file.token().error().kind, ErrorKind::Unavailable);
    write("late");
    EXPECT_EQ(file.token().value(), "late");
}

TEST_F(TokenFileTest, NoPathMeansNoToken) {
    TokenFile file("", clock_);
    EXPECT_EQ(file.token().value(), "");
}

}  // namespace
}  // namespace platform::kube
