#pragma once
#include "shared/core/result.hpp"
#include "shared/http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace platform::http {

/// One fault of a body: `pointer` is a JSON pointer (RFC 6901), "/quantity".
struct FieldFault {
    std::string pointer;
    std::string message;
};

/// An RFC 9457 answer: type "about:blank", title, status, detail, and as extensions `code` (stable, for programs), `correlationId`, `errors`.
struct Problem {
    int status = 500;
    std::string code;    ///< "invalid-order", "not-found", ...
    std::string detail;  ///< for people; says what to do; nothing of our internals
    std::vector<FieldFault> errors;
    std::vector<std::pair<std::string, std::string>> headers;  ///< Retry-After, Allow, Location
};
[[nodiscard]] Response to_response(const Problem& problem, std::string_view correlation_id);

/// The answer to an Error by its kind (400, 401/403, 404, 409, 503 with Retry-After, 504, 500); `error.what` is never shown.
[[nodiscard]] Problem to_problem(const Error& error);

}  // namespace platform::http
