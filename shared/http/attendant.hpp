#pragma once
#include "shared/core/clock.hpp"
#include "shared/http/descriptor.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <unordered_map>
#include <vector>

namespace platform::http {

/// What the attendant asks of a connection.
class Attended {
public:
    Attended() = default;
    Attended(const Attended&) = delete;
    Attended& operator=(const Attended&) = delete;
    virtual ~Attended() = default;
    enum class Writing : std::uint8_t { Blocked, Finished };

    [[nodiscard]] virtual std::uint64_t number() const = 0;
    /// Registers its descriptor for one event of "writable" under its number; false when there is nothing to write any more.
    virtual bool await_writable(int epoll) = 0;
    virtual Writing write_more() = 0;
    virtual void check_deadline(Instant now) = 0;
    virtual void resume() = 0;
    /// Ends it, and drops what the kernel has not delivered yet.
    virtual void abort() = 0;
    /// Ends it; what was sent still arrives.
    virtual void close() = 0;
};

/// One thread that does for all connections of a server what no finisher of an answer may wait for: it writes what sockets did not take,
/// goes on with pipelined requests, and watches deadlines. Thread-safe.
class Attendant {
public:
    Attendant();
    ~Attendant();
    Attendant(const Attendant&) = delete;
    Attendant& operator=(const Attendant&) = delete;

    /// `tick`: how often deadlines are looked at. `too_much`: true while too many bytes wait to be written; then the connection that
    /// has been waiting longest is aborted. Throws std::system_error when the system gives no descriptors.
    void start(const Clock& clock, Duration tick, std::function<bool()> too_much);
    /// Joins the thread and forgets all connections. Idempotent.
    void stop();

    /// From now on deadlines are checked.
    void add(std::shared_ptr<Attended> connection);
    void remove(std::uint64_t number);
    [[nodiscard]] std::size_t connections() const;
    [[nodiscard]] std::vector<std::shared_ptr<Attended>> all() const;

    void write_when_possible(std::shared_ptr<Attended> connection);
    void resume_soon(std::shared_ptr<Attended> connection);
    /// Ends the wait for a descriptor that is about to be closed.
    void forget(int descriptor) const;

private:
    struct Order {
        bool write = false;  // else resume
        std::shared_ptr<Attended> connection;
    };
    void run(const std::stop_token& stop);
    void post(Order order);
    void carry_out_orders();
    void carry_on_writing(std::uint64_t number);
    void relieve();
    void check_deadlines();
    void wake() const;

    const Clock* clock_ = nullptr;
    Duration tick_{};
    std::function<bool()> too_much_;
    Descriptor epoll_;
    Descriptor wake_;
    mutable std::mutex mutex_;
    std::unordered_map<std::uint64_t, std::shared_ptr<Attended>> connections_;  // guarded by mutex_
    std::vector<Order> orders_;                                                 // guarded by mutex_
    // Of the thread alone: connections with bytes to write, and in which order they came.
    std::unordered_map<std::uint64_t, std::shared_ptr<Attended>> writing_;
    std::vector<std::uint64_t> writing_since_;
    std::jthread thread_;
};

}  // namespace platform::http
