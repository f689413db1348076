#include "services/inventory/config.hpp"

#include "services/inventory/app.hpp"
#include "tests/services/running_service.hpp"

#include <algorithm>

namespace platform::inventory {
namespace {

std::vector<Item> seed_of(const std::string& text) {
    const auto source = config::Source::of({{"INVENTORY_SEED", text}});
    config::Reader reader(source);
    auto read = read_config(reader);
    reader.finish();
    return read.seed;
}

TEST(InventoryConfig, ReadsProductsWithTheirCounts) {
    EXPECT_TRUE(seed_of("").empty());
    const std::vector<Item> expected{
        {.product_id = "P-1001", .available = 100, .reserved = 0},
        {.product_id = "b", .available = 0, .reserved = 0}
    };
    EXPECT_EQ(seed_of(" P-1001:100 , b:0"), expected);
}

TEST(InventoryConfig, NamesTheSeedWhenItIsWrong) {
    for (const auto* value :
         {"P-1001",
          "P-1001:",
          ":5",
          "P-1001:-1",
          "P-1001:1.5",
          "P-1001:1 piece",
          "P 1:1",
          "a:b:1",
          "P-1:1,,P-2:1",
          "P-1:1,P-1:2",
          "P-1:99999999999999999999"}) {
        const auto fault = test::fault_of(read_config, {{"INVENTORY_SEED", value}});
        EXPECT_TRUE(fault.starts_with("INVENTORY_SEED: ")) << value << " gives: " << fault;
    }
}

TEST(InventoryConfig, ChangesByHandAreForTheManagementPortUnlessOpened) {
    const auto open = [](const test::Settings& settings) {
        const auto source = config::Source::of(settings);
        config::Reader reader(source);
        const bool is_open = read_config(reader).admin_open;
        reader.finish();
        return is_open;
    };
    EXPECT_FALSE(open({}));
    EXPECT_FALSE(open({{"ADMIN_API", "management"}}));
    EXPECT_TRUE(open({{"ADMIN_API", "open"}}));
    EXPECT_FALSE(test::fault_of(read_config, {{"ADMIN_API", "public"}}).empty());
}

TEST(InventoryConfig, AWrongSettingEndsTheProgramWithOneLine) {
    const auto ending = test::run_with(program(), "INVENTORY_SEED", "P-1001:many");
    EXPECT_EQ(ending.code, 1);
    EXPECT_TRUE(ending.said.starts_with("error: INVENTORY_SEED: ")) << ending.said;
    EXPECT_EQ(std::ranges::count(ending.said, '\n'), 1) << ending.said;
}

}  // namespace
}  // namespace platform::inventory
