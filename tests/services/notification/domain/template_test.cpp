#include "services/notification/domain/template.hpp"

#include <gtest/gtest.h>

#include <array>

namespace platform::notification {
namespace {

constexpr std::array<std::string_view, 2> kKnown{"orderId", "reason"};

std::string rendered(std::string_view text, const Values& values, std::size_t longest = 100) {
    const auto parsed = Template::parse(text, kKnown);
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().what);
    return parsed ? parsed->render(values, longest) : "";
}

TEST(Template, PutsValuesInTheirPlaces) {
    const Values values{{"orderId", "o-1"}, {"reason", "no {money}"}};
    EXPECT_EQ(rendered("Order {orderId}: {reason}.", values), "Order o-1: no {money}.") << "a value is never a template";
    EXPECT_EQ(rendered("{orderId}{orderId}", values), "o-1o-1");
    EXPECT_EQ(rendered("", values), "");
    EXPECT_EQ(rendered("{{orderId}} {{", values), "{orderId} {");
    EXPECT_EQ(rendered("a{newLine}b", values), "a\nb");
    EXPECT_EQ(rendered("<{reason}>", {}), "<>");
}

TEST(Template, RefusesWhatItDoesNotKnow) {
    for (const auto* text : {"{orderID}", "{}", "{ orderId }", "{", "a }", "{orderId", "{userId} {orderId}", "{{orderId}"}) {
        const auto parsed = Template::parse(text, kKnown);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().kind, ErrorKind::Invalid);
    }
    EXPECT_EQ(Template::parse("{orderID}", kKnown).error().what, "unknown placeholder {orderID}");
}

TEST(Template, CutsBetweenTwoCharacters) {
    EXPECT_EQ(shortened("語語語", 3), "語語語");
    EXPECT_EQ(shortened("語語語語", 3), "語語…");
    EXPECT_EQ(shortened("", 1), "");
    EXPECT_EQ(rendered("ab{orderId}", {{"orderId", "cdef"}}, 4), "abc…");
}

TEST(Template, EveryKindHasTextsOfItsOwn) {
    const auto templates = usual_templates();
    EXPECT_EQ(templates.size(), kinds().size());
    for (const auto& kind : kinds()) {
        Values values;
        for (const auto name : kind.placeholders) values.emplace(name, "<" + std::string(name) + ">");
        const auto& [subject, body] = templates.at(std::string(kind.name));
        EXPECT_NE(subject.render(values, 255).find("<orderId>"), std::string::npos) << kind.name;
        EXPECT_NE(body.render(values, 2000).find('<'), std::string::npos) << kind.name << " says something of the order";
    }
}

}  // namespace
}  // namespace platform::notification
