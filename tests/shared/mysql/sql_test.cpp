#include "shared/mysql/sql.hpp"

#include "shared/core/time_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace platform::mysql {
namespace {

TEST(Sql, PutsEachValueInPlaceOfItsMark) {
    EXPECT_EQ(
        Sql("SELECT a FROM t WHERE b = ? AND c > ?", "x", 3).text(), "SELECT a FROM t WHERE b = 'x' AND c > 3"
    );
}

TEST(Sql, WritesTextSoThatItCannotBeTakenForSyntax) {
    struct Case {
        const char* name;
        std::string_view value;
        std::string_view literal;
    };
    using namespace std::string_view_literals;
    for (const auto& [name, value, literal] : {
             Case{"empty", "", "''"},
             Case{"plain", "P-1001", "'P-1001'"},
             Case{"JSON", R"({"a":1})", R"('{"a":1}')"},
             Case{"a mark", "what?", "'what?'"},
             Case{"quote", "O'Neil", "_utf8mb4 X'4F274E65696C'"},
             Case{"backslash", R"(a\)", "_utf8mb4 X'615C'"},
             Case{"NUL", "a\0b"sv, "_utf8mb4 X'610062'"},
             Case{"newline", "a\n", "_utf8mb4 X'610A'"},
             Case{"emoji", "\xF0\x9F\x98\x80", "_utf8mb4 X'F09F9880'"},
             Case{"not UTF-8", "\xFF\x01", "X'FF01'"},
             Case{"overlong", "\xC0\xAF", "X'C0AF'"},
             Case{"surrogate", "\xED\xA0\x80", "X'EDA080'"},
             Case{"beyond Unicode", "\xF4\x90\x80\x80", "X'F4908080'"},
             Case{"cut sequence", "\xE2\x82", "X'E282'"},
         }) {
        SCOPED_TRACE(name);
        EXPECT_EQ(Sql("?", value).text(), literal);
    }
}

TEST(Sql, WritesEveryOtherTypeExactly) {
    EXPECT_EQ(Sql("?", std::int64_t{-9'223'372'036'854'775'807}).text(), "-9223372036854775807");
    EXPECT_EQ(Sql("?, ?", true, false).text(), "TRUE, FALSE");
    EXPECT_EQ(Sql("?", Money::parse("-0.0001").value()).text(), "-0.0001");
    EXPECT_EQ(
        Sql("?", parse_rfc3339("2026-11-22T10:00:00.000007Z").value()).text(), "'2026-11-22 10:00:00.000007'"
    );
    const Uuid id = Uuid::parse("00112233-4455-6677-8899-aabbccddeeff").value();
    EXPECT_EQ(Sql("?", id).text(), "X'00112233445566778899AABBCCDDEEFF'");
    EXPECT_EQ(Sql("?", OrderId{id}).text(), "X'00112233445566778899AABBCCDDEEFF'");
    EXPECT_EQ(Sql("?, ?", std::optional<int>{}, std::optional<int>{4}).text(), "NULL, 4");
    EXPECT_EQ(Sql("?", std::nullopt).text(), "NULL");
}

TEST(Sql, IsBuiltPieceByPiece) {
    Sql sql("INSERT INTO t VALUES ");
    sql.add("(?)", 1).add(", (?)", "?").add(", (?)", 3);
    EXPECT_EQ(sql.text(), "INSERT INTO t VALUES (1), ('?'), (3)");
    EXPECT_FALSE(sql.empty());
    EXPECT_TRUE(Sql().empty());
}

TEST(SqlDeathTest, RefusesAnotherCountOfValuesThanMarks) {
    EXPECT_DEATH(Sql("a = ?", 1, 2), "one '\\?' for every value");
    EXPECT_DEATH(Sql("a = ? AND b = ?", 1), "one value for every '\\?'");
}

}  // namespace
}  // namespace platform::mysql
