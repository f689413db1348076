#pragma once
#include <string_view>

namespace platform::http {

/// Whether If-None-Match names the tag of what would be sent, so that 304 is the answer: `*`, or a list that has `etag` in it, compared weakly
/// (RFC 9110 §13.1.2, §8.8.3.2). A field that is no such list names nothing. `etag` is a tag as it is sent, quotes included. Pure.
[[nodiscard]] bool names_etag(std::string_view if_none_match, std::string_view etag);

}  // namespace platform::http
