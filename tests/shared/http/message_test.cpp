#include "shared/http/message.hpp"

#include <gtest/gtest.h>

namespace platform::http {
namespace {

TEST(ReasonPhrase, KnowsOrGuessesByClass) {
    EXPECT_EQ(reason_phrase(200), "OK");
    EXPECT_EQ(reason_phrase(422), "Unprocessable Content");
    EXPECT_EQ(reason_phrase(299), "Success");
    EXPECT_EQ(reason_phrase(499), "Client Error");
    EXPECT_EQ(reason_phrase(599), "Server Error");
}

TEST(Request, FindsHeadersByLowerCaseName) {
    Request request;
    request.headers["x-a"] = "1";
    EXPECT_EQ(request.header("x-a"), "1");
    EXPECT_EQ(request.header("x-b"), std::nullopt);
}

}  // namespace
}  // namespace platform::http
