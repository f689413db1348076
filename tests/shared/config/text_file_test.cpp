#include "shared/config/text_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace platform::config {
namespace {

TEST(TextFile, GivesTheBytesOfAFileAndNothingOfAnythingElse) {
    const auto path = std::filesystem::temp_directory_path() / ("text_file_test." + std::to_string(getpid()));
    std::ofstream(path) << "a\nb\n";
    EXPECT_EQ(read_text_file(path), "a\nb\n");
    std::filesystem::remove(path);
    EXPECT_EQ(read_text_file(path), std::nullopt);
    EXPECT_EQ(read_text_file("/"), std::nullopt);
    EXPECT_EQ(read_text_file(""), std::nullopt);
    EXPECT_EQ(read_text_file("/dev/null"), "");
}

}  // namespace
}  // namespace platform::config
