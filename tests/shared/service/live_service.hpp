#pragma once
#include "shared/config/settings.hpp"
#include "shared/core/clock.hpp"
#include "shared/http/client.hpp"
#include "shared/mysql/session.hpp"
#include "shared/service/program.hpp"
#include "shared/service/service_config.hpp"
#include "shared/service/service_runtime.hpp"

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace platform::test {

/// The environment that lets a service use these servers; its schema is migrated while it starts. Port 0, so
/// that tests do not meet.
[[nodiscard]] inline std::map<std::string, std::string>
service_environment(const mysql::Options& database, const std::string& bootstrap_servers) {
    return {
        {"HTTP_HOST", "127.0.0.1"},
        {"HTTP_PORT", "0"},
        {"MYSQL_HOST", database.host},
        {"MYSQL_PORT", std::to_string(database.port)},
        {"MYSQL_USER", database.user},
        {"MYSQL_PASSWORD", database.password},
        {"MYSQL_DATABASE", database.database},
        {"KAFKA_BOOTSTRAP_SERVERS", bootstrap_servers},
        {"MIGRATE_ON_START", "true"},
        {"SHUTDOWN_BUDGET", "10s"},
    };
}

/// A service inside this test program as main would run it, without the signal; it waits for nothing. One
/// thread.
class LiveService {
public:
    LiveService(const service::Program& program, std::map<std::string, std::string> environment)
        : source_(config::Source::of(std::move(environment))) {
        config::Reader reader(source_);
        auto settings = service::read_settings(reader, program.defaults);
        auto parts = program.configure(reader);
        reader.finish();
        runtime_ = std::make_unique<service::Runtime>(std::move(settings), std::move(parts.schema), clock_);
        service_ = parts.wire(*runtime_);
        runtime_->start();
    }
    ~LiveService() { stop(); }
    LiveService(const LiveService&) = delete;
    LiveService& operator=(const LiveService&) = delete;

    void stop() { runtime_->stop(); }
    [[nodiscard]] bool ready() { return runtime_->health().ready(); }
    [[nodiscard]] service::Runtime& runtime() { return *runtime_; }
    [[nodiscard]] std::string url(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(runtime_->http().port()) + path;
    }

    /// Of the port of actuator writes and admin operations.
    [[nodiscard]] std::string management_url(const std::string& path) const {
        return "http://127.0.0.1:" + std::to_string(runtime_->management().port()) + path;
    }

    /// `request.url` is a path of the API, or a whole url.
    [[nodiscard]] http::ClientResponse send(http::ClientRequest request) {
        if (request.url.starts_with('/')) request.url = url(request.url);
        auto answer = client_.send(request);
        if (!answer) throw std::runtime_error(request.url + ": " + answer.error().what);
        return *std::move(answer);
    }
    [[nodiscard]] http::ClientResponse get(const std::string& path) {
        http::ClientRequest request;
        request.url = path;
        return send(std::move(request));
    }

private:
    SystemClock clock_;
    config::Source source_;
    std::unique_ptr<service::Runtime> runtime_;
    std::shared_ptr<void> service_;  // as Program::Wire gives it; this is its one owner
    http::Client client_;
};

}  // namespace platform::test
