#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"

#include <mutex>
#include <string>

namespace platform::kube {

/// The token of the pod's service account. The kubelet replaces the file every hour or so; it is read again
/// when it is older than a minute. Thread-safe.
class TokenFile {
public:
    static constexpr Duration kMaxAge = std::chrono::seconds(55);

    /// An empty `path` means no token (a test server).
    TokenFile(std::string path, const Clock& clock);
    /// Error: Unavailable, while there never was a readable file; an unreadable one later leaves the last
    /// token in use.
    [[nodiscard]] Result<std::string> token();

private:
    const std::string path_;
    const Clock& clock_;
    std::mutex mutex_;
    std::string token_;  // guarded by mutex_
    Instant read_at_{};  // guarded by mutex_
};

}  // namespace platform::kube
