#pragma once
#include "shared/core/clock.hpp"
#include "shared/http/message.hpp"

#include <string>
#include <string_view>

namespace platform::http {

/// What frames an answer besides the answer itself.
struct AnswerFrame {
    std::string_view correlation_id;
    WallTime date;
    bool close = false;
    bool keep_alive_asked = false;  ///< an HTTP/1.0 client that wants to stay
    bool head_only = false;         ///< the answer to HEAD: the length of the body, but no body
};

/// The bytes of status line and header fields; the body is to follow unless `head_only`. Header fields that are malformed, or that frame the
/// message, are left out: the server alone says where an answer ends. A status outside 200..599 becomes 500.
[[nodiscard]] std::string answer_head(const Response& response, const AnswerFrame& frame);

/// True when an answer of this status has a body at all (not 204, not 304).
[[nodiscard]] bool has_body(int status);

}  // namespace platform::http
