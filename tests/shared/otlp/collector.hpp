#pragma once
#include "shared/core/clock.hpp"
#include "shared/http/server.hpp"
#include "shared/telemetry/metrics.hpp"

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace platform::otlp::test {

/// A collector on loopback that answers as it is told. Thread-safe.
class Collector {
public:
    Collector() {
        server_.route("POST", "/v1/traces", [this](const http::Request& request, http::Responder responder) {
            const std::lock_guard lock(mutex_);
            requests_.push_back(request);
            held_.push_back(std::move(responder));
            if (!hold_) answer_all();
        });
        server_.start();
    }
    ~Collector() { server_.stop(); }
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()) + "/v1/traces"; }
    [[nodiscard]] std::vector<http::Request> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    void answer_with(int status, std::string body = "{}") {
        const std::lock_guard lock(mutex_);
        status_ = status;
        body_ = std::move(body);
    }
    /// From now on nothing is answered before release().
    void hold() {
        const std::lock_guard lock(mutex_);
        hold_ = true;
    }
    void release() {
        const std::lock_guard lock(mutex_);
        hold_ = false;
        answer_all();
    }

private:
    /// Needs `mutex_`.
    void answer_all() {
        for (auto& responder : held_) responder.send(http::Response{.status = status_, .body = body_, .headers = {}});
        held_.clear();
    }

    SystemClock clock_;
    metrics::Registry registry_{"collector"};
    mutable std::mutex mutex_;
    std::vector<http::Request> requests_;  // guarded by mutex_
    std::vector<http::Responder> held_;    // guarded by mutex_
    int status_ = 200;                     // guarded by mutex_
    std::string body_ = "{}";              // guarded by mutex_
    bool hold_ = false;                    // guarded by mutex_
    http::Server server_{{.host = "127.0.0.1"}, clock_, registry_};
};

/// A place where nobody listens.
inline std::string nowhere() {
    const Collector gone;
    return gone.url();
}

}  // namespace platform::otlp::test
