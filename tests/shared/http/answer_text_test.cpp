#include "shared/http/answer_text.hpp"

#include <gmock/gmock.h>

namespace platform::http {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

const AnswerFrame kFrame{.correlation_id = "c-1", .date = WallTime(784111777s), .close = false, .keep_alive_asked = false, .head_only = false};

Response with_status(int status) {
    Response response;
    response.status = status;
    response.body = "x";
    return response;
}

TEST(AnswerHead, SaysWhereTheBodyEnds) {
    const Response response{.status = 201, .content_type = "application/json", .body = "{}", .headers = {{"Location", "/a"}}};
    EXPECT_EQ(
        answer_head(response, kFrame),
        "HTTP/1.1 201 Created\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Correlation-Id: c-1\r\n"
        "Content-Type: application/json\r\nContent-Length: 2\r\nLocation: /a\r\n\r\n"
    );
}

TEST(AnswerHead, AnswersWithoutBodySayNothingOfIt) {
    for (const int status : {204, 304}) {
        EXPECT_FALSE(has_body(status));
        EXPECT_THAT(answer_head(with_status(status), kFrame), Not(HasSubstr("Content-")));
    }
}

TEST(AnswerHead, TellsWhatBecomesOfTheConnection) {
    AnswerFrame frame = kFrame;
    EXPECT_THAT(answer_head({}, frame), Not(HasSubstr("Connection")));
    frame.keep_alive_asked = true;
    EXPECT_THAT(answer_head({}, frame), HasSubstr("\r\nConnection: keep-alive\r\n"));
    frame.close = true;
    EXPECT_THAT(answer_head({}, frame), HasSubstr("\r\nConnection: close\r\n"));
}

// A header that reaches an answer from elsewhere (a proxied answer, an id in a Location) must not be able to frame another answer.
TEST(AnswerHead, LeavesOutWhatCouldSplitTheAnswer) {
    const Response response{
        .status = 200,
        .content_type = "text/html\r\nX-Evil: 1",
        .body = "",
        .headers =
            {{"X-A", "1\r\nX-Evil: 2"}, {"X B", "1"}, {"", "1"}, {"content-length", "4321"}, {"Transfer-Encoding", "chunked"},
             {"Connection", "close"}, {"X-Good", "yes"}},
    };
    const std::string head = answer_head(response, kFrame);
    EXPECT_THAT(head, Not(HasSubstr("Evil")));
    EXPECT_THAT(head, Not(HasSubstr("4321")));
    EXPECT_THAT(head, Not(HasSubstr("chunked")));
    EXPECT_THAT(head, Not(HasSubstr("close")));
    EXPECT_THAT(head, HasSubstr("X-Good: yes\r\n"));
}

TEST(AnswerHead, AnImpossibleStatusIsOurFault) {
    EXPECT_THAT(answer_head(with_status(99), kFrame), StartsWith("HTTP/1.1 500 "));
    EXPECT_THAT(answer_head(with_status(1000), kFrame), StartsWith("HTTP/1.1 500 "));
}

}  // namespace
}  // namespace platform::http
