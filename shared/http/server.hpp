#pragma once
#include "shared/core/clock.hpp"
#include "shared/http/message.hpp"
#include "shared/http/problem.hpp"
#include "shared/telemetry/metrics.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace platform::http {

/// One request that waits for its answer. The server makes them; tests of handlers derive from it to catch an answer.
class Exchange {
public:
    explicit Exchange(std::string correlation_id) : correlation_id_(std::move(correlation_id)) {}
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    virtual ~Exchange() = default;

    /// Called at most once, by any thread.
    virtual void answer(Response response) = 0;
    /// Called instead when the handler let go of the request without an answer. Gives 500.
    virtual void abandon();
    [[nodiscard]] const std::string& correlation_id() const { return correlation_id_; }

private:
    std::string correlation_id_;
};

/// The right to answer one request, once, from any thread. Destroyed unanswered, it answers 500. Movable. One thread at a time.
class Responder {
public:
    Responder() = default;
    explicit Responder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
    Responder(Responder&& other) noexcept = default;
    Responder& operator=(Responder&& other) noexcept;
    ~Responder();

    /// One non-blocking send; what the socket does not take goes to the server's writer, within a byte bound and a deadline.
    /// A second call does nothing.
    void send(Response response);
    void send(const Problem& problem);  ///< with the request's correlation id
    /// Empty after the answer.
    [[nodiscard]] const std::string& correlation_id() const;

private:
    std::shared_ptr<Exchange> exchange_;  // shared with the connection's watch over the handler's time
};

/// Runs on an I/O thread and must not block: it parses, queues and returns. An exception that leaves it becomes a 500 without details.
using Handler = std::function<void(const Request&, Responder)>;

/// HTTP/1.1 on Pistache under a guard of our own (docs/adr/): strict framing, one canonical request for Pistache's router, answers on a
/// dup()ed descriptor. Routes are declared before start(). X-Correlation-Id is on every answer. Unknown route 404, known route with another
/// method 405 + Allow, HEAD as GET without a body; all as problem+json. Metrics http_server_requests_seconds{method,uri,status,outcome}.
class Server {
public:
    struct Options {
        std::string host = "0.0.0.0";
        std::uint16_t port = 0;  ///< 0 = any free one
        int threads = 2;
        std::size_t max_header_bytes = 16 * 1024;
        std::size_t max_body_bytes = 1024 * 1024;
        std::size_t max_connections = 4096;
        Duration request_timeout = std::chrono::seconds(10);   ///< from the first byte of a request to its last one
        Duration idle_timeout = std::chrono::seconds(75);      ///< between requests
        Duration answer_timeout = std::chrono::seconds(30);    ///< handler's time; then 503 and close
        Duration write_timeout = std::chrono::seconds(10);     ///< for a slow reader, in total
        std::size_t max_pending_write_bytes = 64 * 1024 * 1024;  ///< over all connections; above it the slowest are closed
        /// Of one connection, held while a request is being answered. Above it the connection is closed after that answer.
        std::size_t max_pipelined_bytes = 64 * 1024;
    };
    Server(Options options, const Clock& clock, metrics::Registry& registry);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// `path` has literal segments, ":name" segments and, as last one, "*" for the rest. Literal beats ":name" beats "*".
    /// HEAD cannot be declared: a HEAD request goes to the handler of GET.
    void route(const std::string& method, const std::string& path, Handler handler);

    /// Binds and serves. Throws std::runtime_error when the port is taken; the message names address and port.
    void start();
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::size_t requests_in_flight() const;

    /// From now on answers carry `Connection: close`; new connections are refused; waits until no request is in flight and clients are silent (200 ms), or `within` has passed.
    void drain(Duration within);
    /// Closes everything. Idempotent.
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::http
