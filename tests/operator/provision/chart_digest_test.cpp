#include "operator/provision/chart_digest.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace platform::provision {
namespace {

namespace fs = std::filesystem;

class ChartDigest : public testing::Test {
protected:
    void SetUp() override {
        root_ = fs::path(testing::TempDir()) / ("charts-" + std::to_string(getpid()));
        fs::remove_all(root_);
        for (const char* chart : {"infrastructure", "service"}) {
            write(std::string(chart) + "/Chart.yaml", "name: x");
            write(std::string(chart) + "/templates/a.yaml", "a");
        }
    }
    void TearDown() override { fs::remove_all(root_); }
    void write(const std::string& file, const std::string& text) const {
        fs::create_directories((root_ / file).parent_path());
        std::ofstream(root_ / file) << text;
    }
    fs::path root_;
};

TEST_F(ChartDigest, ChangesWithContentAndNamesOfItsOwnFilesOnly) {
    const auto before = chart_digests(root_);
    EXPECT_EQ(chart_digests(root_), before);
    write("service/templates/a.yaml", "b");
    auto after = chart_digests(root_);
    EXPECT_NE(after.at("service"), before.at("service"));
    EXPECT_EQ(after.at("infrastructure"), before.at("infrastructure"));
    write("service/templates/a.yaml", "a");
    fs::rename(root_ / "service/templates/a.yaml", root_ / "service/templates/c.yaml");
    EXPECT_NE(chart_digests(root_).at("service"), before.at("service"));
}

TEST_F(ChartDigest, AMissingChartStopsTheStart) {
    fs::remove_all(root_ / "service");
    EXPECT_THROW((void)chart_digests(root_), std::runtime_error);
    EXPECT_THROW((void)chart_digests(root_ / "nowhere"), std::runtime_error);
}

}  // namespace
}  // namespace platform::provision
