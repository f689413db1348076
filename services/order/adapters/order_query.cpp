#include "services/order/adapters/order_query.hpp"

#include "services/order/domain/place_order.hpp"
#include "shared/core/time_text.hpp"
#include "shared/core/user_id.hpp"
#include "shared/http/target.hpp"

#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

namespace platform::order {
namespace {

using Query = OrderStore::Query;

constexpr std::size_t kMaxPage = 100;
constexpr std::size_t kLongestName = 64;

http::Problem bad_parameter(std::string_view name, std::string message) {
    http::Problem answer{
        .status = 400,
        .code = "invalid-parameter",
        .detail = "A query parameter is not valid.",
        .errors = {},
        .headers = {}
    };
    answer.errors.push_back(
        {.pointer = "/" + std::string(name.substr(0, kLongestName)), .message = std::move(message)}
    );
    return answer;
}

/// All of `text` as a number without sign or blanks.
template <class Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number, base);
    if (text.empty() || text.front() == '-' || error != std::errc{} || at != end) return std::nullopt;
    return number;
}

/// Reads one parameter into `query`; gives what is wrong with it.
std::optional<std::string> read_parameter(const std::string& name, const std::string& value, Query& query) {
    if (name == "status") {
        query.status = parse_status(value);
        if (!query.status) return "must be CREATED, COMPLETED or CANCELLED";
    } else if (name == "sagaState") {
        query.saga_state = parse_saga_state(value);
        if (!query.saga_state) return "is not a state of an order";
    } else if (name == "productId") {
        if (!events::valid_product_id(value)) return "must be 1 to 64 characters out of A-Z a-z 0-9 . _ -";
        query.product_id = value;
    } else if (name == "userId") {
        if (!valid_user_id(value)) return "must be 1 to 64 characters, none of them a control character";
        query.user_id = value;
    } else if (name == "from" || name == "to") {
        const auto time = parse_rfc3339(value);
        if (!time) return "must be a time in UTC like 2026-11-22T10:00:00Z";
        (name == "from" ? query.from : query.to) = *time;
    } else if (name == "limit") {
        const auto limit = parse_number<std::size_t>(value);
        if (!limit || *limit < 1 || *limit > kMaxPage) return "must be from 1 to 100";
        query.limit = *limit;
    } else if (name == "cursor") {
        query.after = parse_cursor(value);
        if (!query.after) return "must come from the link to the next page";
    } else {
        return "is not a parameter of this list";
    }
    return std::nullopt;
}

}  // namespace

std::expected<Query, http::Problem> read_list_query(const http::Request& request) {
    Query query;
    for (const auto& [name, value] : request.query) {
        if (auto fault = read_parameter(name, value, query))
            return std::unexpected(bad_parameter(name, *std::move(fault)));
    }
    if (query.from && query.to && *query.from >= *query.to)
        return std::unexpected(bad_parameter("from", "must be before 'to'"));
    if (query.status && query.saga_state && status_of(*query.saga_state) != *query.status)
        return std::unexpected(bad_parameter("sagaState", "does not belong to this status"));
    return query;
}

std::expected<Duration, http::Problem> read_wait(const http::Request& request) {
    constexpr std::int64_t kLongestMillis = 60'000;
    Duration wait{0};
    for (const auto& [name, value] : request.query) {
        if (name != "wait") return std::unexpected(bad_parameter(name, "is not a parameter of an order"));
        std::string_view text = value;
        const bool millis = text.ends_with("ms");
        const bool unit = millis || text.ends_with('s');
        if (unit) text.remove_suffix(millis ? 2 : 1);
        const auto number = parse_number<std::int64_t>(text);
        const std::int64_t scale = millis ? 1 : 1000;
        if (!unit || !number || *number > kLongestMillis / scale)
            return std::unexpected(bad_parameter(name, "must be a time like 5s or 500ms, at most 60s"));
        wait = std::chrono::milliseconds(*number * scale);
    }
    return wait;
}

std::optional<http::Problem> refuse_query(const http::Request& request) {
    if (request.query.empty()) return std::nullopt;
    return bad_parameter(request.query.begin()->first, "is not a parameter here");
}

std::string next_page(const http::Request& request, const OrderStore::Place& after) {
    std::string target = "/api/orders?";
    for (const auto& [name, value] : request.query) {
        if (name != "cursor") target += name + '=' + http::encode_segment(value) + '&';
    }
    return target + "cursor=" + to_cursor(after);
}

std::string to_cursor(const OrderStore::Place& place) {
    return std::to_string(place.created.time_since_epoch().count()) + '.' + place.id.text();
}

std::optional<OrderStore::Place> parse_cursor(std::string_view text) {
    // The years that DATETIME knows, in microseconds.
    constexpr std::int64_t kLast = 253'402'300'799'999'999;
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto micros = parse_number<std::int64_t>(text.substr(0, dot));
    const auto id = OrderId::parse(text.substr(dot + 1));
    if (!micros || *micros > kLast || !id) return std::nullopt;
    return OrderStore::Place{.created = WallTime{std::chrono::microseconds(*micros)}, .id = *id};
}

}  // namespace platform::order
