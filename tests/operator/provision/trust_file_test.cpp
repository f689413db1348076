#include "operator/provision/trust_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace platform::provision {
namespace {

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(TrustFile, HoldsTheTextUntilAnotherComesAndLeavesNothingBehind) {
    std::string first;
    std::string second;
    {
        TrustFile trust;
        EXPECT_EQ(trust.path_of("").value(), "");
        first = trust.path_of("one").value();
        EXPECT_EQ(text_of(first), "one");
        EXPECT_EQ(trust.path_of("one").value(), first) << "no new file for the same text";
        second = trust.path_of("two").value();
        EXPECT_EQ(text_of(second), "two");
        EXPECT_FALSE(std::filesystem::exists(first));
    }
    EXPECT_FALSE(std::filesystem::exists(second));
}

}  // namespace
}  // namespace platform::provision
