#pragma once
#include "shared/http/message.hpp"

namespace platform::http {

/// The body is said to be `application/json`, in any case, with or without parameters.
[[nodiscard]] bool is_json(const Request& request);

}  // namespace platform::http
