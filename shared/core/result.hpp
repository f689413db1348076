#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace platform {

/// What went wrong, in the few kinds that a caller can act on. CONTRIBUTING.md has the table of what each one leads to.
enum class ErrorKind : std::uint8_t { Invalid, NotFound, Conflict, Denied, Unavailable, Timeout, Internal };

/// True when the same call may succeed later without any change of its arguments.
constexpr bool retryable(ErrorKind kind) {
    return kind == ErrorKind::Unavailable || kind == ErrorKind::Timeout;
}

constexpr const char* to_string(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::Invalid: return "invalid";
        case ErrorKind::NotFound: return "not_found";
        case ErrorKind::Conflict: return "conflict";
        case ErrorKind::Denied: return "denied";
        case ErrorKind::Unavailable: return "unavailable";
        case ErrorKind::Timeout: return "timeout";
        case ErrorKind::Internal: return "internal";
    }
    return "internal";
}

struct Error {
    ErrorKind kind = ErrorKind::Internal;
    std::string what;              ///< for people and logs; never parsed, never sent to a client
    bool outcome_unknown = false;  ///< the change may have happened all the same (a connection lost during COMMIT)
};

/// A value or an Error.
template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(ErrorKind kind, std::string what) {
    return std::unexpected(Error{.kind = kind, .what = std::move(what)});
}
[[nodiscard]] inline std::unexpected<Error> fail(Error error) {
    return std::unexpected(std::move(error));
}

}  // namespace platform
