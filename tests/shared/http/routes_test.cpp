#include "shared/http/routes.hpp"

#include <gmock/gmock.h>

#include <future>
#include <vector>

namespace platform::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class RoutesTest : public testing::Test {
protected:
    Routes::Match find(const std::string& method, const std::string& path) const { return routes.find(method, *parse_target(path)); }

    Routes routes;
    std::size_t root = routes.add("GET", "/");
    std::size_t mine = routes.add("GET", "/api/orders/mine");
    std::size_t order = routes.add("GET", "/api/orders/:id");
    std::size_t lines = routes.add("GET", "/api/orders/:id/lines/:line");
    std::size_t place = routes.add("POST", "/api/orders");
    std::size_t api = routes.add("GET", "/api/*");
    std::size_t inventory = routes.add("GET", "/api/inventory/*");
};

TEST_F(RoutesTest, LiteralBeatsNameBeatsRest) {
    EXPECT_EQ(find("GET", "/").route, root);
    EXPECT_EQ(find("GET", "/api/orders/mine").route, mine);
    EXPECT_EQ(find("GET", "/api/orders/7").route, order);
    EXPECT_EQ(find("GET", "/api/orders/7/other").route, api);
    EXPECT_EQ(find("GET", "/api/inventory/7/x").route, inventory);
    EXPECT_EQ(find("GET", "/api/inventory").route, inventory);
    EXPECT_EQ(find("GET", "/api/orders").route, api) << "the literal one is for another method";
    EXPECT_EQ(find("GET", "/apis").route, std::nullopt);
}

TEST_F(RoutesTest, NamesAreDecoded) {
    EXPECT_THAT(find("GET", "/api/orders/a%20b%3A/lines/%C3%A9").params, ElementsAre(Pair("id", "a b:"), Pair("line", "\xc3\xa9")));
    EXPECT_EQ(find("GET", "/api/%6Frders/7").route, order);
    EXPECT_EQ(find("GET", "/api/orders/:id").params.at("id"), ":id");
    EXPECT_EQ(find("GET", "/api/orders/*").params.at("id"), "*");
}

TEST_F(RoutesTest, HeadIsGet) {
    EXPECT_EQ(find("HEAD", "/api/orders/7").route, order);
    EXPECT_EQ(find("HEAD", "/other").route, std::nullopt);
}

TEST_F(RoutesTest, EmptySegmentsAreNotCollapsed) {
    EXPECT_EQ(find("GET", "//").route, std::nullopt);
    EXPECT_EQ(find("POST", "/api/orders/").route, std::nullopt);
    EXPECT_EQ(find("POST", "/api//orders").route, std::nullopt);
}

TEST_F(RoutesTest, SaysWhichMethodsAPathKnows) {
    EXPECT_EQ(find("DELETE", "/api/orders").allow, "POST, GET, HEAD");
    EXPECT_EQ(find("PUT", "/").allow, "GET, HEAD");
    EXPECT_THAT(find("PUT", "/nowhere").allow, IsEmpty());
}

TEST_F(RoutesTest, LabelsAreForMetrics) {
    EXPECT_EQ(routes.label(lines), "/api/orders/{id}/lines/{line}");
    EXPECT_EQ(routes.label(api), "/api/**");
    EXPECT_EQ(routes.label(root), "/");
    EXPECT_EQ(routes.path(order), "/api/orders/:id");
}

TEST_F(RoutesTest, PistachesPlaceholderIsNoRoute) {
    EXPECT_EQ(find("POST", "/.well-known/no-such-route").route, std::nullopt);
}

TEST_F(RoutesTest, ManyThreadsAsk) {
    std::vector<std::future<int>> askers;
    for (int i = 0; i < 4; ++i) {
        askers.push_back(std::async(std::launch::async, [this, i] {
            int right = 0;
            for (int n = 0; n < 500; ++n) {
                const std::string id = std::to_string(i * 1000 + n);
                const Routes::Match match = find(n % 2 == 0 ? "GET" : "DELETE", "/api/orders/" + id);
                right += n % 2 == 0 ? match.route == order && match.params.at("id") == id : !match.route && !match.allow.empty();
            }
            return right;
        }));
    }
    for (auto& asker : askers) EXPECT_EQ(asker.get(), 500);
}

TEST(RoutesDeathTest, ARouteThatCannotBeIsABug) {
    EXPECT_DEATH(Routes().add("HEAD", "/a"), "method");
    EXPECT_DEATH(Routes().add("GET", "a"), "path");
    EXPECT_DEATH(Routes().add("GET", "/a//b"), "segment");
    EXPECT_DEATH(Routes().add("GET", "/*/b"), "last");
}

}  // namespace
}  // namespace platform::http
