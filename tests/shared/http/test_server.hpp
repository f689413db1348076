#pragma once
#include "shared/core/clock.hpp"
#include "shared/http/server.hpp"
#include "shared/telemetry/metrics.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace platform::http::test {

/// Waits for `condition` at most 20 s; false when it did not come.
bool eventually(const std::function<bool()>& condition);

/// Answers requests from threads of its own, as committers do.
class Finishers {
public:
    explicit Finishers(int threads);
    ~Finishers();
    Finishers(const Finishers&) = delete;
    Finishers& operator=(const Finishers&) = delete;
    void add(Responder responder, std::string text);

private:
    struct Job {
        Responder responder;
        std::string text;
    };
    void run(const std::stop_token& stop);

    std::mutex mutex_;
    std::condition_variable_any asked_;
    std::vector<Job> jobs_;  // guarded by mutex_
    std::vector<std::jthread> threads_;
};

/// A server on loopback with handlers of every kind:
///   GET /json, GET /items/:id (the id), POST /echo (the body), GET /later/:id (the id, from another thread), GET /hold/:id (waits for the
///   test), GET /big?bytes=n, GET /throw, GET /forget, GET /seen (correlation id and address), GET /files/*
class TestServer {
public:
    explicit TestServer(Server::Options options = {});
    ~TestServer();
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return server.port(); }
    /// Waits for a request to /hold and gives the right to answer it.
    Responder take_held();
    /// The value of a metric whose line starts with `prefix`, or -1.
    double metric(const std::string& prefix) const;

    SystemClock clock;
    metrics::Registry registry{"test"};

private:
    std::mutex mutex_;
    std::condition_variable held_one_;
    std::vector<Responder> held_;  // guarded by mutex_
    Finishers finishers_{4};

public:
    Server server;
};

Response text(std::string body);

}  // namespace platform::http::test
