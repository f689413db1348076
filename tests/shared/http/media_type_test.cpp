#include "shared/http/media_type.hpp"

#include <gtest/gtest.h>

namespace platform::http {
namespace {

TEST(MediaType, JsonIsJsonInAnyCaseAndWithParameters) {
    for (const auto& [text, json] : {
             std::pair{"application/json", true},
             std::pair{"Application/JSON", true},
             std::pair{"application/json; charset=utf-8", true},
             std::pair{"application/json \t;charset=utf-8", true},
             std::pair{"application/jsonp", false},
             std::pair{"application/json-patch+json", false},
             std::pair{"text/json", false},
             std::pair{"text/plain; application/json", false},
             std::pair{"; application/json", false},
             std::pair{"", false},
         }) {
        Request request;
        request.headers["content-type"] = text;
        EXPECT_EQ(is_json(request), json) << text;
    }
    EXPECT_FALSE(is_json(Request{})) << "nothing is said";
}

}  // namespace
}  // namespace platform::http
