#include "shared/resilience/properties.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace platform::resilience::properties {
namespace {

constexpr std::array kCircuitBreaker{
    Property{"slidingWindowType", Kind::Window},
    Property{"slidingWindowSize", Kind::Count},
    Property{"minimumNumberOfCalls", Kind::Count},
    Property{"failureRateThreshold", Kind::Percent},
    Property{"slowCallRateThreshold", Kind::Percent},
    Property{"slowCallDurationThreshold", Kind::Time},
    Property{"waitDurationInOpenState", Kind::Time},
    Property{"enableExponentialBackoff", Kind::Flag},
    Property{"exponentialBackoffMultiplier", Kind::Multiplier},
    Property{"exponentialMaxWaitDurationInOpenState", Kind::Time},
    Property{"enableRandomizedWait", Kind::Flag},
    Property{"randomizedWaitFactor", Kind::Factor},
    Property{"permittedNumberOfCallsInHalfOpenState", Kind::Count},
    Property{"maxWaitDurationInHalfOpenState", Kind::TimeOrNone},
    Property{"transitionToStateAfterWaitDuration", Kind::After},
    Property{"automaticTransitionFromOpenToHalfOpenEnabled", Kind::Flag},
    Property{"initialState", Kind::Initial},
    Property{"registerHealthIndicator", Kind::Flag},
    Property{"allowHealthIndicatorToFail", Kind::Flag},
    Property{"baseConfig", Kind::Config},
};
constexpr std::array kRetry{
    Property{"maxAttempts", Kind::Count},
    Property{"waitDuration", Kind::Time},
    Property{"enableExponentialBackoff", Kind::Flag},
    Property{"exponentialBackoffMultiplier", Kind::Multiplier},
    Property{"exponentialMaxWaitDuration", Kind::Time},
    Property{"enableRandomizedWait", Kind::Flag},
    Property{"randomizedWaitFactor", Kind::Factor},
    Property{"baseConfig", Kind::Config},
};
constexpr std::array kBulkhead{
    Property{"maxConcurrentCalls", Kind::Count},
    Property{"maxWaitDuration", Kind::TimeOrNone},
    Property{"baseConfig", Kind::Config},
};
constexpr std::array kRateLimiter{
    Property{"limitForPeriod", Kind::Count},
    Property{"limitRefreshPeriod", Kind::Time},
    Property{"timeoutDuration", Kind::TimeOrNone},
    Property{"baseConfig", Kind::Config},
};
constexpr std::array kTimeLimiter{
    Property{"timeoutDuration", Kind::Time},
    Property{"cancelRunningFuture", Kind::AlwaysTrue},
    Property{"baseConfig", Kind::Config},
};

constexpr std::string_view kNoExceptions = "failures are told apart by their kind, not by classes of exceptions";
constexpr std::string_view kNoEvents = "there is no log of events; the metrics and the log have them";

constexpr std::array<std::pair<std::string_view, std::string_view>, 19> kUnsupported{{
    {"recordexceptions", kNoExceptions},
    {"ignoreexceptions", kNoExceptions},
    {"retryexceptions", kNoExceptions},
    {"recordfailurepredicate", kNoExceptions},
    {"recordexceptionpredicate", kNoExceptions},
    {"recordresultpredicate", kNoExceptions},
    {"ignoreexceptionpredicate", kNoExceptions},
    {"retryexceptionpredicate", kNoExceptions},
    {"resultpredicate", kNoExceptions},
    {"ignoreclassbindingexceptions", kNoExceptions},
    {"ignoreunknownexceptions", kNoExceptions},
    {"failaftermaxattempts", kNoExceptions},
    {"writablestacktraceenabled", kNoExceptions},
    {"intervalbifunction", "the wait is set by waitDuration and its exponential and randomized properties"},
    {"eventconsumerbuffersize", kNoEvents},
    {"subscribeforevents", kNoEvents},
    {"faircallhandlingenabled", "who waits is served in any order"},
    {"drainpermissionsonresult", "permissions are not taken back"},
    {"currenttimestampfunction", "the clock is not a setting"},
}};

bool among(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, text) != words.end();
}

bool in_range(std::string_view text, double above_or_at, double most, bool may_be_least) {
    const auto number = parse_number(text);
    return number && *number <= most && (may_be_least ? *number >= above_or_at : *number > above_or_at);
}

bool is_count(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number >= 1;
}

std::optional<double> nanoseconds_in(std::string_view unit) {
    constexpr double kSecond = 1e9;
    if (unit == "ns") return 1;
    if (unit == "us") return 1e3;
    if (unit == "ms" || unit.empty()) return 1e6;
    if (unit == "s") return kSecond;
    if (unit == "m") return 60 * kSecond;
    if (unit == "h") return 3600 * kSecond;
    if (unit == "d") return 86400 * kSecond;
    return std::nullopt;
}

}  // namespace

std::string canonical(std::string_view name) {
    std::string result;
    for (const char c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
            result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    return result;
}

std::span<const Property> of_section(std::string_view section) {
    if (section == "circuitbreaker") return kCircuitBreaker;
    if (section == "retry") return kRetry;
    if (section == "bulkhead") return kBulkhead;
    if (section == "ratelimiter") return kRateLimiter;
    if (section == "timelimiter") return kTimeLimiter;
    return {};
}

const Property* find(std::string_view section, std::string_view canonical_name) {
    for (const Property& property : of_section(section)) {
        if (canonical(property.name) == canonical_name) return &property;
    }
    return nullptr;
}

std::string_view why_not(std::string_view canonical_name) {
    for (const auto& [name, why] : kUnsupported) {
        if (name == canonical_name) return why;
    }
    return {};
}

std::optional<Duration> parse_time(std::string_view text) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + digits, count);
    const auto unit = nanoseconds_in(text.substr(digits));
    if (digits == 0 || error != std::errc{} || !unit) return std::nullopt;
    const double total = static_cast<double>(count) * *unit;
    constexpr double kLongest = static_cast<double>(std::numeric_limits<Duration::rep>::max()) / 4;
    if (total > kLongest) return std::nullopt;
    return Duration{count * static_cast<std::int64_t>(*unit)};
}

std::optional<double> parse_number(std::string_view text) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
    return number;
}

std::optional<bool> parse_flag(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
}

std::string_view fault_of(Kind kind, std::string_view text) {
    constexpr double kMost = 1e9;
    const auto time = parse_time(text);
    const auto unless = [](bool good, std::string_view expected) { return good ? std::string_view{} : expected; };
    switch (kind) {
        case Kind::Count: return unless(is_count(text), "a whole number from 1");
        case Kind::Percent: return unless(in_range(text, 0, 100, false), "a number above 0, up to 100");
        case Kind::Time: return unless(time && *time > Duration::zero(), "a time above 0 such as 500ms or 10s");
        case Kind::TimeOrNone: return unless(time.has_value(), "a time such as 0, 500ms or 10s");
        case Kind::Multiplier: return unless(in_range(text, 1, kMost, true), "a number from 1");
        case Kind::Factor: return unless(in_range(text, 0, 1, true), "a number from 0 to 1");
        case Kind::Flag: return unless(parse_flag(text).has_value(), "true or false");
        case Kind::AlwaysTrue: return unless(parse_flag(text) == true, "true: calls always end at their deadline");
        case Kind::Window: return unless(among(text, {"COUNT_BASED", "TIME_BASED"}), "COUNT_BASED or TIME_BASED");
        case Kind::After: return unless(among(text, {"OPEN", "CLOSED"}), "OPEN or CLOSED");
        case Kind::Initial:
            return unless(
                among(text, {"CLOSED", "OPEN", "HALF_OPEN", "FORCED_OPEN", "DISABLED", "METRICS_ONLY"}),
                "CLOSED, OPEN, HALF_OPEN, FORCED_OPEN, DISABLED or METRICS_ONLY"
            );
        case Kind::Config: return unless(!text.empty(), "the name of a config");
    }
    return {};
}

}  // namespace platform::resilience::properties
