#include "operator/control/platform_index.hpp"

#include <gtest/gtest.h>

namespace platform::control {
namespace {

json::Value platform(
    const std::string& name,
    const std::string& created,
    int generation = 1,
    const std::string& more = ""
) {
    return *json::parse(
        R"({"metadata":{"name":")" + name + R"(","creationTimestamp":")" + created + R"(","generation":)" +
        std::to_string(generation) + more + "}}"
    );
}

class PlatformIndexTest : public testing::Test {
protected:
    std::vector<std::string> told_;
    PlatformIndex index_{[this](const std::string& name) { told_.push_back(name); }};
};

TEST_F(PlatformIndexTest, OurOwnStatusWritesAreNoNews) {
    index_.changed(platform("a", "t1"));
    index_.changed(platform("a", "t1", 1, R"(,"resourceVersion":"99")"));
    EXPECT_EQ(told_, std::vector<std::string>{"a"});
}

TEST_F(PlatformIndexTest, EveryChangeByOthersIsNews) {
    index_.changed(platform("a", "t1"));
    index_.changed(platform("a", "t1", 2));
    index_.changed(platform("a", "t1", 2, R"(,"deletionTimestamp":"t2")"));
    index_.changed(platform("a", "t1", 2, R"(,"deletionTimestamp":"t2","finalizers":["x"])"));
    index_.changed(
        platform("a", "t1", 2, R"(,"deletionTimestamp":"t2","finalizers":["x"],"annotations":{"k":"v"})")
    );
    EXPECT_EQ(told_.size(), 5U);
}

TEST_F(PlatformIndexTest, ARecreatedResourceIsNewsThoughItsGenerationIsTheSame) {
    index_.changed(platform("a", "t1", 1, R"(,"uid":"1")"));
    index_.changed(platform("a", "t1", 1, R"(,"uid":"2")"));
    EXPECT_EQ(told_.size(), 2U);
}

TEST_F(PlatformIndexTest, TheOldestHasTheNamespace) {
    index_.replace_all({platform("c", "t3"), platform("a", "t2"), platform("b", "t1")});
    EXPECT_EQ(index_.older_than("b", "t1"), "");
    EXPECT_EQ(index_.older_than("a", "t2"), "b");
    EXPECT_EQ(index_.older_than("c", "t3"), "b");
}

TEST_F(PlatformIndexTest, EqualAgesAreToldApartByName) {
    index_.replace_all({platform("b", "t"), platform("a", "t")});
    EXPECT_EQ(index_.older_than("a", "t"), "");
    EXPECT_EQ(index_.older_than("b", "t"), "a");
}

TEST_F(PlatformIndexTest, ADeletionWakesTheOthers) {
    index_.replace_all({platform("a", "t1"), platform("b", "t2")});
    told_.clear();
    index_.deleted(platform("a", "t1"));
    EXPECT_EQ(told_, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(index_.names(), std::vector<std::string>{"b"});
}

TEST_F(PlatformIndexTest, AListTellsOfWhatIsGone) {
    index_.changed(platform("a", "t1"));
    told_.clear();
    index_.replace_all({platform("b", "t2")});
    EXPECT_EQ(told_, (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace platform::control
