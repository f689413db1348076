#pragma once
#include "services/gateway/config.hpp"
#include "shared/core/clock.hpp"

#include <cstdint>
#include <memory>

namespace platform::gateway {

/// The gateway: routes, pool of workers, discovery, console and actuator, wired. One thread.
class App {
public:
    App(Config config, const Clock& clock);
    ~App();  ///< stops, if nobody has
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    /// Serves; ready once every service was looked up for the first time. Throws when the port is taken.
    void start();
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::uint16_t management_port() const;
    [[nodiscard]] bool ready() const;
    /// Not ready, serve on for the drain delay, finish what runs, close. Idempotent.
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::gateway
