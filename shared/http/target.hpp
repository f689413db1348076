#pragma once
#include "shared/core/result.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace platform::http {

/// What a request target says, decoded once.
struct Target {
    std::string path;                          ///< decoded, "/api/orders/a b"
    std::vector<std::string> segments;         ///< decoded parts of the path; none for "/"
    std::map<std::string, std::string> query;  ///< decoded; "+" is a space
};

/// Reads an origin-form target. Invalid: another form, a bad percent sign, control characters (bare or encoded), an encoded slash, "." or ".."
/// segments, a key twice in the query. `what` of the error is fit for a client. An empty segment ("//", a trailing slash) is kept as one.
[[nodiscard]] Result<Target> parse_target(std::string_view target);

/// Percent-encodes everything but unreserved characters, for one path segment.
[[nodiscard]] std::string encode_segment(std::string_view segment);

}  // namespace platform::http
