#include "shared/http/problem.hpp"

#include <gmock/gmock.h>

namespace platform::http {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Problem, HasTheShapeOfRfc9457) {
    const Problem problem{
        .status = 400,
        .code = "invalid-order",
        .detail = "Two \"fields\" are wrong.",
        .errors = {{"/quantity", "must be positive"}},
        .headers = {{"Retry-After", "1"}},
    };
    const Response response = to_response(problem, "c-1");
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(response.headers, problem.headers);
    EXPECT_EQ(
        response.body,
        R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"Two \"fields\" are wrong.","code":"invalid-order",)"
        R"("correlationId":"c-1","errors":[{"pointer":"/quantity","message":"must be positive"}]})"
    );
}

TEST(Problem, OfAnErrorNeverShowsItsInsides) {
    const struct {
        ErrorKind kind;
        int status;
    } cases[] = {
        {ErrorKind::Invalid, 400},     {ErrorKind::Denied, 403},  {ErrorKind::NotFound, 404}, {ErrorKind::Conflict, 409},
        {ErrorKind::Unavailable, 503}, {ErrorKind::Timeout, 504}, {ErrorKind::Internal, 500},
    };
    for (const auto& [kind, status] : cases) {
        const Problem problem = to_problem(Error{.kind = kind, .what = "password of db-1"});
        EXPECT_EQ(problem.status, status);
        EXPECT_FALSE(problem.code.empty());
        EXPECT_THAT(to_response(problem, "").body, Not(HasSubstr("db-1")));
    }
    EXPECT_EQ(to_problem(Error{.kind = ErrorKind::Unavailable, .what = {}}).headers.front().first, "Retry-After");
}

}  // namespace
}  // namespace platform::http
