#pragma once
#include "shared/core/clock.hpp"
#include "shared/http/server.hpp"
#include "shared/telemetry/metrics.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace platform::gateway::test {

/// A service behind the gateway: a real HTTP server on loopback that answers as a test tells it, and
/// remembers what it was asked. Thread-safe.
class FakeUpstream {
public:
    using Behaviour = std::function<void(const http::Request&, http::Responder)>;

    FakeUpstream() : server_({.host = "127.0.0.1", .port = 0}, clock_, registry_) {
        const auto serve = [this](const http::Request& request, http::Responder responder) {
            Behaviour behaviour;
            {
                const std::lock_guard lock(mutex_);
                requests_.push_back(request);
                behaviour = behaviour_;
            }
            behaviour(request, std::move(responder));
        };
        for (const char* path : {"/api/orders", "/api/orders/*", "/api/inventory", "/api/inventory/*"}) {
            for (const char* method : {"GET", "POST"}) server_.route(method, path, serve);
        }
        server_.route(
            "GET",
            "/actuator/health/readiness",
            [this](const http::Request&, http::Responder responder) {
                ++probes_;
                responder.send(http::Response{.status = ready_ ? 200 : 503, .body = "{}", .headers = {}});
            }
        );
        server_.route("GET", "/actuator/prometheus", [this](const http::Request&, http::Responder responder) {
            ++scrapes_;
            responder.send(http::Response{.status = 200, .body = registry_.scrape(), .headers = {}});
        });
        server_.start();
    }
    ~FakeUpstream() {
        held_.clear();
        server_.stop();
    }
    FakeUpstream(const FakeUpstream&) = delete;
    FakeUpstream& operator=(const FakeUpstream&) = delete;

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }
    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port()); }
    void set_ready(bool ready) { ready_ = ready; }
    [[nodiscard]] int probes() const { return probes_; }
    [[nodiscard]] int scrapes() const { return scrapes_; }
    /// What it tells at /actuator/prometheus.
    [[nodiscard]] metrics::Registry& registry() { return registry_; }
    /// Goes away: connections are refused from now on.
    void stop() { server_.stop(); }

    void behave(Behaviour behaviour) {
        const std::lock_guard lock(mutex_);
        behaviour_ = std::move(behaviour);
    }
    void answer(http::Response response) {
        behave([response = std::move(response)](const http::Request&, http::Responder responder) {
            responder.send(response);
        });
    }
    void answer(int status) {
        answer(http::Response{.status = status, .body = R"({"from":"upstream"})", .headers = {}});
    }
    /// Keeps requests without an answer until release().
    void hold() {
        behave([this](const http::Request&, http::Responder responder) {
            const std::lock_guard lock(mutex_);
            held_.push_back(std::move(responder));
        });
    }
    void release() {
        std::vector<http::Responder> held;
        {
            const std::lock_guard lock(mutex_);
            held.swap(held_);
        }
        for (auto& responder : held)
            responder.send(http::Response{.status = 200, .body = "{}", .headers = {}});
    }
    [[nodiscard]] std::vector<http::Request> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

private:
    SystemClock clock_;
    metrics::Registry registry_{"upstream"};
    mutable std::mutex mutex_;
    Behaviour behaviour_ = [](const http::Request&, http::Responder responder) {  // guarded by mutex_
        responder.send(http::Response{.status = 200, .body = R"({"from":"upstream"})", .headers = {}});
    };
    std::vector<http::Request> requests_;  // guarded by mutex_
    std::vector<http::Responder> held_;    // guarded by mutex_
    std::atomic<bool> ready_{true};
    std::atomic<int> probes_{0};
    std::atomic<int> scrapes_{0};
    http::Server server_;
};

}  // namespace platform::gateway::test
