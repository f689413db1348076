#include "shared/core/check.hpp"
#include "shared/core/time_text.hpp"
#include "shared/mysql/session.hpp"

#include <charconv>
#include <stdexcept>

namespace platform::mysql {
namespace {

template <class Value>
Value expect_value(Result<Value> value, const char* type) {
    if (!value)
        throw std::runtime_error(std::string("a column does not hold ") + type + ": " + value.error().what);
    return *std::move(value);
}

}  // namespace

bool Row::is_null(std::size_t column) const {
    CHECK(column < cells_.size(), "a query reads only the columns that it selects");
    return !cells_[column];
}

const std::string& Row::text(std::size_t column) const {
    CHECK(!is_null(column), "a nullable column is asked for NULL before it is read");
    return *cells_[column];
}

std::int64_t Row::integer(std::size_t column) const {
    const std::string& digits = text(column);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
        throw std::runtime_error("a column does not hold an integer");
    }
    return value;
}

Uuid Row::uuid(std::size_t column) const {
    return expect_value(Uuid::from_bytes(text(column)), "a UUID");
}

Money Row::money(std::size_t column) const {
    return expect_value(Money::parse(text(column)), "an amount");
}

WallTime Row::time(std::size_t column) const {
    std::string rfc3339 = text(column);  // 2026-11-22 10:00:00.123456
    if (rfc3339.size() < 19) throw std::runtime_error("a column does not hold a DATETIME");
    rfc3339[10] = 'T';
    rfc3339 += 'Z';
    return expect_value(parse_rfc3339(rfc3339), "a DATETIME");
}

}  // namespace platform::mysql
