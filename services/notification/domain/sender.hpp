#pragma once
#include "services/notification/domain/announcer.hpp"
#include "services/notification/domain/message.hpp"
#include "services/notification/domain/message_store.hpp"
#include "services/notification/domain/transport.hpp"
#include "shared/core/clock.hpp"
#include "shared/resilience/backoff.hpp"
#include "shared/telemetry/metrics.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

namespace platform::notification {

/// Sends stored messages, away from the consumer, so that a dead mail server never blocks a topic. Messages come by hand_over() after the commit that stored
/// them; what was lost on the way (full queue, crash, failure) is found again by its lease. A message that has waited for half of its lease is left to the sweep,
/// which may be another process's, so that no two send it.
/// A refused message is tried again with growing pauses, `max_attempts` times. While the way is blocked for all of them, one message at a time tries whether it is
/// open again, and none is given up for it.
/// Metrics: notification_retries_total, notification_queue, notification_way_open. hand_over() is thread-safe, the rest belongs to one thread.
class Sender {
public:
    struct Options {
        std::size_t max_queue = 2'000;
        std::size_t batch = 200;
        Duration lease = std::chrono::seconds(60);  ///< at least four times what one message may take
        Duration slice = std::chrono::seconds(2);   ///< a step begins no further message after it, so that a slow server does not hold up a stop
        Duration sweep_interval = std::chrono::seconds(2);
        int max_attempts = 20;  ///< then the message is FAILED
        resilience::Backoff::Options backoff{.initial = std::chrono::seconds(2), .ceiling = std::chrono::minutes(10)};
        resilience::Backoff::Options blocked{.initial = std::chrono::seconds(1), .ceiling = std::chrono::seconds(15)};
    };
    Sender(
        Options options, MessageStore& store, Transport& transport, Announcer& announcer, const Clock& clock, metrics::Registry& registry
    );

    [[nodiscard]] Duration lease() const { return options_.lease; }
    /// Until when messages may be sent that a transaction stores for lease(): taken before it begins, since the process may stand still behind it.
    [[nodiscard]] Instant hold() const { return clock_.now() + options_.lease / 2; }
    void hand_over(std::vector<Message> messages, Instant until);
    void on_work(std::function<void()> wake) { wake_ = std::move(wake); }
    /// Sends a batch of what was handed over, and now and then what is due again. Gives the time until the next call.
    Duration step(Instant now);
    /// Lets go of what was handed over and not sent; call when the thread of step() has ended.
    void release();

private:
    struct Held {
        Message message;
        Instant until;  ///< not sent later than this
    };
    [[nodiscard]] bool sweep(Instant now);
    [[nodiscard]] bool has_waiting();
    std::deque<Held> take_batch();
    void give_back(std::deque<Held> rest);
    void send_batch();
    [[nodiscard]] bool send_one(const Message& message, Outcome& outcome);
    void put_off(const Message& message, const Obstacle& why, Outcome& outcome);
    void settle(const Outcome& outcome);

    Options options_;
    MessageStore& store_;
    Transport& transport_;
    Announcer& announcer_;
    const Clock& clock_;
    resilience::Backoff backoff_;
    resilience::Backoff blocked_;
    metrics::Counter retries_;
    metrics::Gauge queued_;
    metrics::Gauge open_;
    std::function<void()> wake_;
    bool began_ = false;
    int failures_for_all_ = 0;
    Instant blocked_until_{};
    Instant next_sweep_{};
    std::mutex mutex_;
    std::deque<Held> queue_;  // guarded by mutex_
};

}  // namespace platform::notification
