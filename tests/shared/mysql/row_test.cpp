#include "shared/core/time_text.hpp"
#include "shared/mysql/session.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace platform::mysql {
namespace {

Row row_of(std::string cell) {
    return Row({std::move(cell)});
}

TEST(Row, ReadsWhatMysqlWrites) {
    EXPECT_EQ(row_of("abc").text(0), "abc");
    EXPECT_EQ(row_of("-42").integer(0), -42);
    EXPECT_EQ(row_of("199.9900").money(0), Money::parse("199.99").value());
    EXPECT_EQ(
        row_of("2026-11-22 10:00:00.123456").time(0), parse_rfc3339("2026-11-22T10:00:00.123456Z").value()
    );
    EXPECT_EQ(row_of("2026-11-22 10:00:00").time(0), parse_rfc3339("2026-11-22T10:00:00Z").value());
    const Uuid id = Uuid::of_name("an order");
    EXPECT_EQ(row_of(std::string(id.raw())).uuid(0), id);
    EXPECT_TRUE(Row({std::nullopt}).is_null(0));
    EXPECT_FALSE(row_of("").is_null(0));
}

TEST(Row, ThrowsForAValueOfAnotherForm) {
    EXPECT_THROW((void)row_of("12a").integer(0), std::runtime_error);
    EXPECT_THROW((void)row_of("").integer(0), std::runtime_error);
    EXPECT_THROW((void)row_of("99999999999999999999").integer(0), std::runtime_error);
    EXPECT_THROW((void)row_of("short").uuid(0), std::runtime_error);
    EXPECT_THROW((void)row_of("yesterday").time(0), std::runtime_error);
    EXPECT_THROW((void)row_of("1.00001").money(0), std::runtime_error);
}

TEST(RowDeathTest, EndsTheProgramForAMistakeInIt) {
    EXPECT_DEATH((void)row_of("a").text(1), "only the columns that it selects");
    EXPECT_DEATH((void)Row({std::nullopt}).text(0), "asked for NULL");
}

}  // namespace
}  // namespace platform::mysql
