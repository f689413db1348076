#include "services/gateway/domain/route.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace platform::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Route route_of(std::string id, std::string pattern, std::vector<std::string> methods = {"GET"}) {
    Route route;
    route.id = std::move(id);
    route.pattern = std::move(pattern);
    route.methods = std::move(methods);
    route.upstream = "order";
    return route;
}

TEST(ServerPaths, OfAPattern) {
    EXPECT_THAT(*server_paths("/api/orders"), ElementsAre("/api/orders"));
    EXPECT_THAT(*server_paths("/api/orders*"), ElementsAre("/api/orders", "/api/orders/*"));
    EXPECT_THAT(*server_paths("/api/orders/*"), ElementsAre("/api/orders/*"));
    EXPECT_THAT(*server_paths("/api/orders/:id/cancel"), ElementsAre("/api/orders/:id/cancel"));
    EXPECT_THAT(*server_paths("/.well-known/jwks.json"), ElementsAre("/.well-known/jwks.json"));
}

TEST(ServerPaths, RefuseWhatWouldOpenTooMuch) {
    for (const char* pattern : {
             "",
             "*",
             "/",
             "/*",
             "api/orders",
             "/:any/*",
             "/actuator",
             "/actuator*",
             "/actuator/*",
             "/actuator/prometheus",
             "/api//orders",
             "/api/orders/",
             "/api/../actuator",
             "/api/./x",
             "/api/o*s",
             "/api/**",
             "/api/%61",
             "/api/a b",
             "/api/:",
         }) {
        EXPECT_FALSE(server_paths(pattern).has_value()) << pattern;
    }
}

TEST(CheckRoutes, AcceptsRoutesThatShareAPathByMethod) {
    const Route routes[] = {
        route_of("read", "/api/orders*", {"GET"}), route_of("write", "/api/orders*", {"POST"})
    };
    EXPECT_TRUE(check_routes(routes).has_value());
}

TEST(CheckRoutes, NamesTheRouteThatIsWrong) {
    const Route twice[] = {route_of("one", "/api/orders*"), route_of("two", "/api/orders/*")};
    EXPECT_THAT(
        check_routes(twice).error().what, HasSubstr("route 'two': GET /api/orders/* belongs to another route")
    );
    const Route no_method[] = {route_of("one", "/api/orders", {})};
    EXPECT_THAT(check_routes(no_method).error().what, HasSubstr("route 'one': has no method"));
    const Route odd_method[] = {route_of("one", "/api/orders", {"get"})};
    EXPECT_THAT(check_routes(odd_method).error().what, HasSubstr("route 'one': 'get' is not a method"));
    const Route actuator[] = {route_of("one", "/actuator*")};
    EXPECT_THAT(check_routes(actuator).error().what, HasSubstr("route 'one': '/actuator'"));
}

}  // namespace
}  // namespace platform::gateway
