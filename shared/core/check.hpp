#pragma once
#include <source_location>

namespace platform {

/// Writes one JSON log line to standard error and aborts. Thread-safe.
[[noreturn]] void check_failed(const char* condition, const char* why, std::source_location where);

}  // namespace platform

/// States an invariant: a bug, never a condition of the outside world. `why` says why it must hold.
#define CHECK(condition, why)                                                                      \
    (static_cast<bool>(condition)                                                                  \
         ? static_cast<void>(0)                                                                    \
         : ::platform::check_failed(#condition, why, std::source_location::current()))
