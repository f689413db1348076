#include "shared/http/entity_tag.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace platform::http {
namespace {

TEST(EntityTag, IsNamedByAListComparedWeakly) {
    for (const char* field : {R"("7")", R"(W/"7")", R"("6", "7")", R"("7","8")", " \"6\" ,\tW/\"7\" ", R"(, "7",)", "*", " * ", R"("a,b", "7")"}) {
        EXPECT_TRUE(names_etag(field, R"("7")")) << field;
        EXPECT_TRUE(names_etag(field, R"(W/"7")")) << field;
    }
}

TEST(EntityTag, IsNotNamedByOthers) {
    for (const char* field : {"", " ", ",", R"("8")", R"("77")", R"("a,"7")", R"("6","8")", R"("")", R"(w/"8")"}) {
        EXPECT_FALSE(names_etag(field, R"("7")")) << field;
    }
}

TEST(EntityTag, AFieldThatIsNoListNamesNothing) {
    for (const char* field : {"7", R"("7)", R"(7")", R"("7" "8")", R"("7"x)", R"(w/"7")", R"("7", *)", R"(*, "7")", "**", R"("7", 8)", R"(W/7)", R"(W/ "7")"}) {
        EXPECT_FALSE(names_etag(field, R"("7")")) << field;
    }
}

}  // namespace
}  // namespace platform::http
