#include "services/inventory/adapters/inventory_api.hpp"

#include "services/inventory/adapters/mysql_inventory_store.hpp"
#include "services/inventory/app.hpp"
#include "services/inventory/migrations/migrations.hpp"
#include "tests/services/running_service.hpp"
#include "tests/services/service_database.hpp"

namespace platform::inventory {
namespace {

class InventoryApiTest : public testing::Test {
protected:
    void seed(const std::vector<Item>& items) { ASSERT_TRUE(store_.seed(items)); }
    /// The product ids of a list, one after the other.
    std::string listed(const std::string& target) {
        const auto answer = service_.get(target);
        EXPECT_EQ(answer.status, 200) << answer.body;
        const auto parsed = json::parse(answer.body);
        std::string ids;
        for (const auto& item : parsed->find("items")->items()) ids += item.find("productId")->text() + " ";
        return ids;
    }

    test::ServiceDatabase database_{migrations()};
    MysqlInventoryStore store_{{}, database_.pool, database_.relay};
    test::RunningService service_{program(), database_.options};
};

TEST_F(InventoryApiTest, ShowsTheStockOfAProduct) {
    seed({{.product_id = "P-1.a_B", .available = 9'000'000'000, .reserved = 0}});
    database_.execute(mysql::Sql("UPDATE inventory_items SET reserved = 3"));
    const auto answer = service_.get("/api/inventory/P-1.a_B");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_TRUE(answer.headers.at("content-type").starts_with("application/json"));
    EXPECT_EQ(test::member(answer.body, "productId"), "P-1.a_B");
    EXPECT_EQ(test::member(answer.body, "available"), "9000000000");
    EXPECT_EQ(test::member(answer.body, "reserved"), "3");
}

TEST_F(InventoryApiTest, SaysThatThereIsNoSuchProduct) {
    EXPECT_EQ(service_.get("/api/inventory/P-9").status, 404);
    const auto bad = service_.get("/api/inventory/P%209");
    EXPECT_EQ(bad.status, 400);
    EXPECT_EQ(bad.headers.at("content-type"), "application/problem+json");
    EXPECT_EQ(service_.get("/api/inventory/" + std::string(65, 'x')).status, 400);
}

TEST_F(InventoryApiTest, ListsPageByPage) {
    std::vector<Item> items;
    for (int i = 100; i < 160; ++i)
        items.push_back({.product_id = "P-" + std::to_string(i), .available = 1, .reserved = 0});
    seed(items);
    EXPECT_TRUE(listed("/api/inventory").ends_with("P-148 P-149 ")) << "fifty, if nobody says how many";
    EXPECT_EQ(listed("/api/inventory?limit=2"), "P-100 P-101 ");
    EXPECT_EQ(listed("/api/inventory?after=P-157&limit=500"), "P-158 P-159 ");
    EXPECT_EQ(listed("/api/inventory?after=P-159"), "");
}

TEST_F(InventoryApiTest, RefusesParametersThatItDoesNotKnow) {
    for (const auto* query :
         {"limit=0", "limit=501", "limit=-1", "limit=ten", "limit=", "limit=1x", "after=P%209", "page=2"}) {
        const auto answer = service_.get("/api/inventory?" + std::string(query));
        EXPECT_EQ(answer.status, 400) << query;
        EXPECT_EQ(test::member(answer.body, "code"), "invalid-parameter") << query;
    }
    EXPECT_EQ(service_.get("/api/inventory/P-1/movements?before=0").status, 400);
    EXPECT_EQ(service_.get("/api/inventory/P-1/movements?limit=501").status, 400);
}

TEST_F(InventoryApiTest, ShowsHowStockCameAboutPageByPage) {
    seed({{.product_id = "P-1", .available = 5, .reserved = 0}});
    const auto movements = service_.get("/api/inventory/P-1/movements");
    ASSERT_EQ(movements.status, 200) << movements.body;
    EXPECT_NE(movements.body.find(R"("movement":"INITIAL","delta":5,"orders":0)"), std::string::npos) << movements.body;
    EXPECT_EQ(service_.get("/api/inventory/P-1/movements?before=1").status, 200) << "an empty page";
    EXPECT_EQ(service_.get("/api/inventory/P-9/movements").status, 404);
}

}  // namespace
}  // namespace platform::inventory
