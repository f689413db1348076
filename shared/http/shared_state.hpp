#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/uuid.hpp"
#include "shared/http/attendant.hpp"
#include "shared/http/framing.hpp"
#include "shared/http/server.hpp"
#include "shared/http/server_metrics.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace platform::http {

class Connection;
class HttpExchange;

/// Whom a connection gives its requests to.
class RequestSink {
public:
    RequestSink() = default;
    RequestSink(const RequestSink&) = delete;
    RequestSink& operator=(const RequestSink&) = delete;
    virtual ~RequestSink() = default;
    /// Makes the exchange of a request and gives it to the connection (Connection::begin), then to its handler. Must not block or throw.
    virtual void accept(FramedRequest framed, Connection& connection) = 0;
};

/// What the connections of one server share, and what outlives the server as long as a handler still holds a Responder. Thread-safe.
struct SharedState {
    SharedState(const Server::Options& server_options, const Clock& server_clock, metrics::Registry& registry)
        : options(server_options), clock(server_clock), metrics(registry), ids(server_clock) {}

    void request_began();
    void request_ended();
    /// True when no request is in flight and none has come for `silence`; waits for that at most `within`.
    /// A client that was not told yet that its connection ends may have a request under way, which closing would lose.
    bool wait_until_quiet(Duration within, Duration silence);

    /// While one lives, clock and metrics stay.
    class AnswerScope {
    public:
        explicit AnswerScope(SharedState& shared) : shared_(shared) { ++shared_.answering_; }
        ~AnswerScope() {
            if (--shared_.answering_ == 0) shared_.answering_.notify_all();
        }
        AnswerScope(const AnswerScope&) = delete;
        AnswerScope& operator=(const AnswerScope&) = delete;

    private:
        SharedState& shared_;
    };
    /// Waits for the threads that are just writing an answer. Later ones find their connection closed, and use neither clock nor metrics.
    void wait_for_answers() const;

    const Server::Options options;
    const Clock& clock;
    ServerMetrics metrics;
    UuidGenerator ids;
    Attendant attendant;
    RequestSink* sink = nullptr;  // set before the first connection; not used after stop()
    std::atomic<bool> draining{false};
    std::atomic<std::size_t> in_flight{0};
    std::atomic<std::uint64_t> began{0};  ///< requests so far
    std::atomic<std::size_t> pending_write_bytes{0};

private:
    std::atomic<int> answering_{0};
    std::mutex mutex_;
    std::condition_variable quiet_;
};

}  // namespace platform::http
