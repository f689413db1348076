#pragma once
#include "shared/core/json.hpp"
#include "shared/core/result.hpp"

#include <string>
#include <string_view>

namespace platform::kube {

/// One line of a watch.
struct WatchEvent {
    enum class Type : unsigned char { Added, Modified, Deleted, Bookmark, Gone, Error };
    Type type = Type::Error;
    std::string resource_version{};  ///< where to resume from; empty for Gone and Error
    json::Value object{};
    std::string message{};  ///< of Gone and Error
};

/// Error: Invalid, when the line is no watch event. Thread-safe.
[[nodiscard]] Result<WatchEvent> parse_watch_event(std::string_view line);

/// The limits for everything that the API server sends: deeper and larger than what strangers may send to our
/// services.
[[nodiscard]] json::Limits object_limits();

}  // namespace platform::kube
