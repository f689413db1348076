#include "shared/core/idempotency_key.hpp"

#include <gtest/gtest.h>

namespace platform {
namespace {

TEST(IdempotencyKey, IsReadQuotedAndBare) {
    EXPECT_EQ(read_idempotency_key("abc-1"), "abc-1");
    EXPECT_EQ(read_idempotency_key("\"abc-1\""), "abc-1");
    EXPECT_EQ(read_idempotency_key("\"a c\""), "a c");
    EXPECT_EQ(read_idempotency_key(R"("a\"b\\c")"), R"(a"b\c)");
    EXPECT_EQ(read_idempotency_key(std::string(255, 'k')), std::string(255, 'k'));
}

TEST(IdempotencyKey, IsNothingElse) {
    for (const std::string& bad :
         {std::string(),
          std::string("\"\""),
          std::string(256, 'k'),
          std::string("a\tb"),
          std::string(R"("a"b")"),
          std::string(R"("a\n")"),
          std::string("schl\xC3\xBCssel")}) {
        EXPECT_FALSE(read_idempotency_key(bad)) << bad;
    }
}

}  // namespace
}  // namespace platform
