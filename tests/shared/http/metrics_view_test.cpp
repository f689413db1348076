#include "shared/http/metrics_view.hpp"

#include "shared/core/json.hpp"
#include "shared/telemetry/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace platform::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

/// A registry with one metric of each kind.
class MetricsViewTest : public testing::Test {
protected:
    MetricsViewTest() {
        requests("/api/orders", "202").record(20ms);
        requests("/api/orders", "202").record(10ms);
        requests("/api/orders/{id}", "200").record(500ms);
        registry.counter("orders_placed_total", "Orders \"placed\"", {{"outcome", "a\"b\\c\nd"}}).add(3);
        registry.gauge("outbox_rows", "Rows").set(7);
        scrape = registry.scrape();
    }
    metrics::Timer requests(const std::string& uri, const std::string& status) {
        return registry.timer("http_server_requests_seconds", "Requests", {{"uri", uri}, {"status", status}});
    }
    std::string details(std::string_view name, std::string_view tags = "") const {
        const auto filter = parse_tags(tags);
        EXPECT_TRUE(filter) << tags;
        auto answer = meter_details(scrape, name, *filter);
        return answer ? *answer : "none: " + answer.error().what;
    }

    metrics::Registry registry{"order"};
    std::string scrape;
};

TEST_F(MetricsViewTest, ATimerHasCountTotalAndMaximum) {
    const std::string wanted =
        R"({"name":"http.server.requests","description":"Requests","baseUnit":"seconds","measurements":[)"
        R"({"statistic":"COUNT","value":3},{"statistic":"TOTAL_TIME","value":0.53},{"statistic":"MAX","value":0.5}],"availableTags":[)"
        R"({"tag":"application","values":["order"]},{"tag":"status","values":["200","202"]},)"
        R"({"tag":"uri","values":["/api/orders","/api/orders/{id}"]}]})";
    EXPECT_EQ(details("http.server.requests"), wanted);
    EXPECT_EQ(details("http_server_requests_seconds"), wanted) << "also by the name of the family";
}

TEST_F(MetricsViewTest, TagsChooseSeriesAndAreNotOfferedAgain) {
    EXPECT_EQ(
        details("http.server.requests", "uri:/api/orders,status:202"),
        R"({"name":"http.server.requests","description":"Requests","baseUnit":"seconds","measurements":[)"
        R"({"statistic":"COUNT","value":2},{"statistic":"TOTAL_TIME","value":0.03},{"statistic":"MAX","value":0.02}],)"
        R"("availableTags":[{"tag":"application","values":["order"]}]})"
    );
    EXPECT_THAT(details("http.server.requests", "status:404"), HasSubstr("none"));
    EXPECT_THAT(details("http.server.requests", "colour:red"), HasSubstr("none"));
}

TEST_F(MetricsViewTest, CountersAndGaugesHaveOneFigure) {
    EXPECT_THAT(details("orders.placed"), HasSubstr(R"("measurements":[{"statistic":"COUNT","value":3}])"));
    EXPECT_THAT(details("orders.placed"), HasSubstr(R"({"tag":"outcome","values":["a\"b\\c\nd"]})"));
    EXPECT_THAT(details("outbox.rows"), HasSubstr(R"("measurements":[{"statistic":"VALUE","value":7}])"));
    EXPECT_THAT(details("outbox.rows"), Not(HasSubstr("baseUnit")));
    EXPECT_THAT(details("process.files.open"), HasSubstr(R"("baseUnit":"files")"));
    EXPECT_THAT(details("no.such"), HasSubstr("none"));
    EXPECT_THAT(details(""), HasSubstr("none"));
}

TEST_F(MetricsViewTest, AllNamesAreToldOnceAndEachCanBeAskedFor) {
    const auto document = json::parse(meter_names(scrape));
    ASSERT_TRUE(document);
    std::string last;
    for (const auto& name : document->find("names")->items()) {
        EXPECT_LT(last, name.text());
        last = name.text();
        EXPECT_TRUE(json::parse(details(last))) << last << ": " << details(last);
    }
    EXPECT_THAT(meter_names(scrape), HasSubstr(R"("http.server.requests")"));
    EXPECT_THAT(meter_names(scrape), Not(HasSubstr("http.server.requests.")));
}

TEST(MetricsView, ReadsTags) {
    EXPECT_TRUE(parse_tags("")->empty());
    EXPECT_EQ(*parse_tags("uri:/a:b,c:"), (Tags{{"uri", "/a:b"}, {"c", ""}}));
    for (const char* bad : {"uri", ":x", "a:b,,c:d"}) EXPECT_FALSE(parse_tags(bad)) << bad;
}

TEST(MetricsView, ABrokenScrapeIsReadAsFarAsItGoes) {
    EXPECT_EQ(meter_names(""), R"({"names":[]})");
    const std::string text = "no_help 1\n# HELP a A\n# TYPE a gauge\na{x=\na{\na\na nonsense\na{x=\"1\n# HELP b B\n# TYPE b gauge\nb Nan\n";
    EXPECT_EQ(meter_names(text), R"({"names":["a","b"]})");
    EXPECT_THAT(*meter_details(text, "b", {}), HasSubstr(R"({"statistic":"VALUE","value":"nan"})"));
    EXPECT_FALSE(meter_details(text, "a", {}));
}

}  // namespace
}  // namespace platform::http
