#include "shared/outbox/headers_codec.hpp"

#include <gtest/gtest.h>

namespace platform::outbox {
namespace {

TEST(HeadersCodec, GivesBackWhatItTook) {
    using namespace std::string_literals;
    for (const kafka::Headers& headers :
         {kafka::Headers{},
          kafka::Headers{{"", ""}},
          kafka::Headers{{"ce_id", "1"}, {"ce_id", "2"}, {"bytes", "\0\xFF'"s}, {"long", std::string(70'000, 'x')}}}) {
        auto decoded = decode_headers(encode_headers(headers));
        ASSERT_TRUE(decoded.has_value());
        EXPECT_EQ(*decoded, headers);
    }
}

TEST(HeadersCodec, RefusesEveryCutText) {
    const std::string bytes = encode_headers({{"name", "value"}});
    for (std::size_t length = 1; length < bytes.size(); ++length) {
        EXPECT_EQ(decode_headers(bytes.substr(0, length)).error().kind, ErrorKind::Invalid) << length;
    }
}

}  // namespace
}  // namespace platform::outbox
