#include "shared/telemetry/disk_space.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace platform::metrics {
namespace {

/// Goes to a folder, and back in the end.
class In {
public:
    explicit In(const std::filesystem::path& folder) { std::filesystem::current_path(folder); }
    ~In() { std::filesystem::current_path(before_); }
    In(const In&) = delete;
    In& operator=(const In&) = delete;

private:
    std::filesystem::path before_ = std::filesystem::current_path();
};

TEST(DiskSpace, IsThatOfTheFolderOfTheProcess) {
    const In shared_memory("/dev/shm");
    const auto wanted = std::filesystem::space("/dev/shm");
    const DiskSpace disk = sample_disk();
    EXPECT_TRUE(disk.exists);
    EXPECT_EQ(disk.path, "/dev/shm");
    EXPECT_EQ(disk.total, wanted.capacity);
    EXPECT_GT(disk.free, 0U);
    EXPECT_LE(disk.free, disk.total);
}

TEST(DiskSpace, AFolderThatIsGoneIsSaidNotGuessed) {
    const auto folder = std::filesystem::temp_directory_path() / "disk-space-test";
    std::filesystem::create_directories(folder);
    const In gone(folder);
    std::filesystem::remove(folder);
    const DiskSpace disk = sample_disk();
    EXPECT_FALSE(disk.exists);
    EXPECT_EQ(disk.total, 0U);
    EXPECT_EQ(disk.free, 0U);
}

}  // namespace
}  // namespace platform::metrics
