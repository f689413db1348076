#pragma once
#include "shared/core/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The text of a scrape as Spring Boot's metrics endpoint tells it, so that both always agree. Pure.
/// A meter's name is Micrometer's: "http.server.requests" for the family http_server_requests_seconds and its _max.
namespace platform::http {

/// {"names":["http.server.requests",...]}, sorted.
[[nodiscard]] std::string meter_names(std::string_view scrape);

using Tags = std::vector<std::pair<std::string, std::string>>;
/// Reads "uri:/api/orders,status:202". Invalid: a part without a colon, or without a key.
[[nodiscard]] Result<Tags> parse_tags(std::string_view text);

/// One meter over all its series that have `tags`: {"name","description","baseUnit","measurements":[{"statistic","value"}],"availableTags"}.
/// COUNT and TOTAL_TIME (and VALUE of gauges) are sums, MAX is the largest. `name` may also be that of the family. NotFound: no such meter, or no
/// such series.
[[nodiscard]] Result<std::string> meter_details(std::string_view scrape, std::string_view name, const Tags& tags);

}  // namespace platform::http
