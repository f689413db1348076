#pragma once
#include "services/gateway/app.hpp"
#include "services/gateway/config.hpp"
#include "shared/http/client.hpp"
#include "tests/services/gateway/eventually.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

namespace platform::gateway::test {

using Settings = std::map<std::string, std::string>;

inline Config config_of(Settings settings) {
    settings.try_emplace("HTTP_HOST", "127.0.0.1");
    settings.try_emplace("HTTP_PORT", "0");
    settings.try_emplace("MANAGEMENT_PORT", "0");
    settings.try_emplace("ROUTES", "orders");
    settings.try_emplace("ROUTE_ORDERS_METHODS", "GET,POST");
    settings.try_emplace("PROXY_THREADS", "4");
    settings.try_emplace("RATE_LIMIT_STORE", "local");
    settings.try_emplace("DISCOVERY_INTERVAL", "50ms");
    settings.try_emplace("LOG_LEVEL", "error");
    const auto source = config::Source::of(std::move(settings));
    config::Reader reader(source);
    return read_config(reader);
}

/// A gateway on loopback with the given settings, ready to be called. One thread.
class RunningGateway {
public:
    explicit RunningGateway(Settings settings) : app_(config_of(std::move(settings)), clock_) {
        app_.start();
        EXPECT_TRUE(eventually([this] { return app_.ready(); }));
    }

    [[nodiscard]] std::string url(const std::string& target) const {
        return "http://127.0.0.1:" + std::to_string(app_.port()) + target;
    }
    /// Of the port of actuator writes.
    [[nodiscard]] std::string management_url(const std::string& target) const {
        return "http://127.0.0.1:" + std::to_string(app_.management_port()) + target;
    }
    /// `request.url` is a path of the API, or a whole url.
    [[nodiscard]] http::ClientResponse send(http::ClientRequest request) {
        if (request.url.starts_with('/')) request.url = url(request.url);
        request.timeout = std::chrono::seconds(20);
        auto answer = client_.send(request);
        EXPECT_TRUE(answer.has_value()) << answer.error().what;
        return answer ? *std::move(answer) : http::ClientResponse{};
    }
    [[nodiscard]] http::ClientResponse get(const std::string& target) {
        return send({.method = "GET", .url = target, .headers = {}, .body = {}});
    }
    [[nodiscard]] http::ClientResponse
    post(const std::string& target, std::string body = "{}", bool with_key = false) {
        http::ClientRequest request{
            .method = "POST",
            .url = target,
            .headers = {{"Content-Type", "application/json"}},
            .body = std::move(body)
        };
        if (with_key) request.headers.emplace_back("Idempotency-Key", "\"a-key\"");
        return send(std::move(request));
    }
    /// The value of a series in /actuator/prometheus, or "" when there is none. `series` without the label
    /// `application`.
    [[nodiscard]] std::string metric(const std::string& series) {
        const std::string text = get("/actuator/prometheus").body;
        const auto at = text.find("\n" + series + " ");
        if (at == std::string::npos) return "";
        const auto start = at + series.size() + 2;
        return text.substr(start, text.find('\n', start) - start);
    }
    [[nodiscard]] App& app() { return app_; }

private:
    SystemClock clock_;
    App app_;
    http::Client client_;
};

}  // namespace platform::gateway::test
