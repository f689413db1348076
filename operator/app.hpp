#pragma once
#include "operator/config.hpp"

#include <memory>

namespace platform::operators {

/// The operator, wired. Starts with its construction (throws std::runtime_error when it cannot) and stops
/// with stop(). One thread.
class App {
public:
    explicit App(Config config);
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    /// Not ready any more, then the reconciliation that runs gets `budget` to finish its step, then
    /// everything ends. Idempotent.
    void stop(Duration budget);
    /// Of health and metrics.
    [[nodiscard]] std::uint16_t port() const;
    /// Of the same in detail, on loopback.
    [[nodiscard]] std::uint16_t management_port() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Gives all OrderPlatforms of the namespace free, for when the operator is uninstalled. Gives their count.
[[nodiscard]] Result<int> release_all(const Config& config);

}  // namespace platform::operators
