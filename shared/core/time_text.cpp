#include "shared/core/time_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <format>

namespace platform {
namespace {

constexpr int kMicroDigits = 6;

bool read_digits(std::string_view text, std::size_t at, std::size_t count, int& out) {
    if (text.size() < at + count) return false;
    const std::string_view part = text.substr(at, count);
    if (!std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; })) return false;
    return std::from_chars(part.data(), part.data() + part.size(), out).ec == std::errc{};
}

/// Reads ".123456789" at the front of `text`, advances it, and gives microseconds; -1 when malformed.
long read_fraction(std::string_view& text) {
    if (text.empty() || text.front() != '.') return 0;
    text.remove_prefix(1);
    long micros = 0;
    int digits = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        if (digits < kMicroDigits) micros = micros * 10 + (text.front() - '0');
        ++digits;
        text.remove_prefix(1);
    }
    if (digits == 0 || digits > 9) return -1;
    for (int i = digits; i < kMicroDigits; ++i) micros *= 10;
    return micros;
}

}  // namespace

std::string to_rfc3339(WallTime time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    return std::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        clock.hours().count(),
        clock.minutes().count(),
        clock.seconds().count(),
        clock.subseconds().count()
    );
}

Result<WallTime> parse_rfc3339(std::string_view text) {
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    const bool shape = text.size() >= 20 && text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == 't') &&
                       text[13] == ':' && text[16] == ':' && read_digits(text, 0, 4, year) &&
                       read_digits(text, 5, 2, month) && read_digits(text, 8, 2, day) &&
                       read_digits(text, 11, 2, hour) && read_digits(text, 14, 2, minute) &&
                       read_digits(text, 17, 2, second);
    if (!shape) return fail(ErrorKind::Invalid, "not an RFC 3339 time");

    std::string_view rest = text.substr(19);
    const long micros = read_fraction(rest);
    const std::chrono::year_month_day date{
        std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
        std::chrono::day{static_cast<unsigned>(day)}
    };
    const bool valid = micros >= 0 && (rest == "Z" || rest == "z" || rest == "+00:00") && date.ok() && hour < 24 &&
                       minute < 60 && second < 60;
    if (!valid) return fail(ErrorKind::Invalid, "not an RFC 3339 time in UTC");
    return WallTime{std::chrono::sys_days{date}} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
           std::chrono::seconds{second} + std::chrono::microseconds{micros};
}

}  // namespace platform
