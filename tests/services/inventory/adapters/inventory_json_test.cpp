#include "services/inventory/adapters/inventory_json.hpp"

#include "shared/core/json.hpp"

#include <gtest/gtest.h>

namespace platform::inventory {
namespace {

TEST(InventoryJson, ShowsWhatIsKnownOfAProduct) {
    EXPECT_EQ(
        shown(Item{.product_id = "P-1", .available = 2, .reserved = 1}).body,
        R"({"productId":"P-1","available":2,"reserved":1,"lowMark":0,"low":false,"revision":0})"
    );
    const Item full{
        .product_id = "P-1", .available = 2, .name = "Tea", .price = Money::of_units(1'999'900), .currency = "USD", .low_mark = 3, .revision = 4
    };
    EXPECT_EQ(
        shown(full).body,
        R"({"productId":"P-1","name":"Tea","price":199.99,"currency":"USD","available":2,"reserved":0,"lowMark":3,"low":true,"revision":4})"
    );
}

TEST(InventoryJson, AFullPageSaysWhereTheNextOneIs) {
    const std::vector items{Item{.product_id = "a"}, Item{.product_id = "b"}};
    EXPECT_NE(listed(items, 2).body.find(R"("next":"/api/inventory?after=b&limit=2")"), std::string::npos);
    EXPECT_EQ(listed(items, 3).body.find("next"), std::string::npos);
    const std::vector movements{MovementRecord{.id = 7, .row = {.product_id = "a", .delta = 1, .order_id = {}}, .at = WallTime{}}};
    EXPECT_NE(listed("a", movements, 1).body.find(R"("next":"/api/inventory/a/movements?before=7&limit=1")"), std::string::npos);
    EXPECT_EQ(listed("a", {}, 1).body, R"({"productId":"a","movements":[],"links":{}})");
}

TEST(InventoryJson, ReadsAProduct) {
    const auto bare = read_product("{}", "P-1");
    ASSERT_TRUE(bare);
    EXPECT_EQ(bare->product_id, "P-1");
    EXPECT_EQ(bare->price, std::nullopt);
    EXPECT_EQ(bare->currency, "EUR");
    const auto full = read_product(
        R"({"name":"Tee ☕","price":"0.0001","currency":"CHF","lowMark":5,"initialStock":1000000000000})", "P-1"
    );
    ASSERT_TRUE(full);
    EXPECT_EQ(full->name, "Tee ☕");
    EXPECT_EQ(full->price, Money::of_units(1));
    EXPECT_EQ(full->currency, "CHF");
    EXPECT_EQ(full->low_mark, 5);
    EXPECT_EQ(full->initial_stock, 1'000'000'000'000);
}

TEST(InventoryJson, NamesEveryFaultOfAProduct) {
    for (const auto* body : {"", "[]", "1", "{", "{\"name\":\"a\",\"name\":\"b\"}", "{\"name\":\"\xff\"}"}) {
        const auto read = read_product(body, "P-1");
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.error().status, 400) << body;
    }
    for (const auto& [body, pointer] : std::vector<std::pair<std::string, std::string>>{
             {R"({"name":""})", "/name"},
             {R"({"name":7})", "/name"},
             {R"({"name":"a\nb"})", "/name"},
             {R"({"name":")" + std::string(201, 'x') + R"("})", "/name"},
             {R"({"price":-1})", "/price"},
             {R"({"price":0.00001})", "/price"},
             {R"({"price":true})", "/price"},
             {R"({"currency":"eur"})", "/currency"},
             {R"({"currency":1})", "/currency"},
             {R"({"lowMark":-1})", "/lowMark"},
             {R"({"lowMark":1.5})", "/lowMark"},
             {R"({"lowMark":"1"})", "/lowMark"},
             {R"({"initialStock":1000000000001})", "/initialStock"},
             {R"({"available":5})", "/available"},
             {R"({"a/b~c":5})", "/a~1b~0c"},
         }) {
        const auto read = read_product(body, "P-1");
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.error().status, 422) << body;
        ASSERT_EQ(read.error().errors.size(), 1U) << body;
        EXPECT_EQ(read.error().errors[0].pointer, pointer);
    }
    EXPECT_EQ(read_product(R"({"price":-1,"lowMark":-1,"x":1})", "P-1").error().errors.size(), 3U);
}

TEST(InventoryJson, ReadsAnAdjustment) {
    const auto by = read_adjustment(R"({"delta":-3,"reason":"broken"})", "P-1", "k");
    ASSERT_TRUE(by);
    EXPECT_EQ(
        *by,
        (AdjustmentWanted{.key = "k", .product_id = "P-1", .kind = AdjustmentWanted::Kind::Delta, .amount = -3, .reason = "broken"})
    );
    const auto to = read_adjustment(R"({"setTo":0,"reason":"counted"})", "P-1", "k");
    ASSERT_TRUE(to);
    EXPECT_EQ(to->kind, AdjustmentWanted::Kind::SetTo);
    for (const auto* body :
         {R"({})",
          R"({"delta":1})",
          R"({"reason":"x"})",
          R"({"delta":1,"setTo":1,"reason":"x"})",
          R"({"delta":0,"reason":"x"})",
          R"({"delta":1.0,"reason":"x"})",
          R"({"delta":9223372036854775808,"reason":"x"})",
          R"({"delta":-1000000000001,"reason":"x"})",
          R"({"setTo":-1,"reason":"x"})",
          R"({"delta":1,"reason":""})",
          R"({"delta":1,"reason":null})",
          R"({"delta":1,"reason":"x","product":"y"})"}) {
        const auto read = read_adjustment(body, "P-1", "k");
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.error().status, 422) << body;
    }
}

TEST(InventoryJson, RefusalsHaveTheirStatus) {
    EXPECT_EQ(to_problem(NoSuchProduct{}).status, 404);
    EXPECT_EQ(to_problem(KeyReused{}).status, 422);
    EXPECT_EQ(to_problem(NotEnough{.available = 12}).status, 409);
    EXPECT_NE(to_problem(NotEnough{.available = 12}).detail.find("12"), std::string::npos);
    EXPECT_EQ(to_problem(TooMany{}).status, 422);
}

}  // namespace
}  // namespace platform::inventory
