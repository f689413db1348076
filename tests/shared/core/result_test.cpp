#include "shared/core/result.hpp"

#include <gtest/gtest.h>

namespace platform {
namespace {

TEST(Result, CarriesAValueOrAnError) {
    const Result<int> good = 7;
    const Result<int> bad = fail(ErrorKind::NotFound, "no such order");
    ASSERT_TRUE(good.has_value());
    EXPECT_EQ(*good, 7);
    ASSERT_FALSE(bad.has_value());
    EXPECT_EQ(bad.error().kind, ErrorKind::NotFound);
    EXPECT_EQ(bad.error().what, "no such order");
    EXPECT_FALSE(bad.error().outcome_unknown);
}

TEST(Result, HandsAnErrorOnUnchanged) {
    const Result<int> lost =
        fail(Error{.kind = ErrorKind::Unavailable, .what = "gone", .outcome_unknown = true});
    const auto length = [](const Result<int>& from) -> Result<std::string> {
        if (!from) return fail(from.error());
        return std::to_string(*from);
    };
    const auto answer = length(lost);
    ASSERT_FALSE(answer.has_value());
    EXPECT_TRUE(answer.error().outcome_unknown);
}

TEST(ErrorKind, SaysWhatIsWorthAnotherTry) {
    for (const auto kind : {ErrorKind::Unavailable, ErrorKind::Timeout})
        EXPECT_TRUE(retryable(kind)) << to_string(kind);
    for (const auto kind :
         {ErrorKind::Invalid, ErrorKind::NotFound, ErrorKind::Conflict, ErrorKind::Denied, ErrorKind::Internal
         }) {
        EXPECT_FALSE(retryable(kind)) << to_string(kind);
    }
}

TEST(ErrorKind, HasAStableName) {
    EXPECT_STREQ(to_string(ErrorKind::NotFound), "not_found");
    EXPECT_STREQ(to_string(ErrorKind::Internal), "internal");
}

}  // namespace
}  // namespace platform
