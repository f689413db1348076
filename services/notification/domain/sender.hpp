#pragma once
#include "services/notification/domain/message.hpp"
#include "services/notification/domain/message_store.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"
#include "shared/resilience/backoff.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

namespace platform::notification {

/// Port: a way to reach the customer. Errors: Unavailable, Timeout (try again later), Invalid (this message can never be sent). One thread.
class Transport {
public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;
    [[nodiscard]] virtual Result<void> send(const Message& message) = 0;
};

/// Sends stored messages, away from the consumer, so that a dead mail server never blocks a topic. Messages come by hand_over() after the commit that stored
/// them; what was lost on the way (full queue, crash, failure) is found again by its lease. A message that has waited for half of its lease is left to the sweep,
/// which may be another process's, so that no two send it. hand_over() is thread-safe, step() belongs to one thread.
class Sender {
public:
    struct Options {
        std::size_t max_queue = 10'000;
        std::size_t batch = 200;
        Duration lease = std::chrono::seconds(60);  ///< at least four times what one message may take
        Duration slice = std::chrono::seconds(2);   ///< a step begins no further message after it, so that a slow server does not hold up a stop
        Duration sweep_interval = std::chrono::seconds(2);
        int max_attempts = 20;  ///< then the message is FAILED
        bool emit_events = true;
        resilience::Backoff::Options backoff{.initial = std::chrono::seconds(2), .ceiling = std::chrono::minutes(10)};
    };
    Sender(Options options, MessageStore& store, Transport& transport, const Clock& clock, UuidGenerator& ids);

    [[nodiscard]] Duration lease() const { return options_.lease; }
    void hand_over(std::vector<Message> messages);
    void on_work(std::function<void()> wake) { wake_ = std::move(wake); }
    /// Sends a batch of what was handed over, and now and then what is due again. Gives the time until the next call.
    Duration step(Instant now);

private:
    struct Held {
        Message message;
        Instant until;  ///< not sent later than this
    };
    [[nodiscard]] bool sweep(Instant now);
    std::deque<Held> take_batch();
    void give_back(std::deque<Held> rest);
    void send_batch();
    void mark(std::span<const Message> sent);
    void put_off(const Message& message, const Error& why);

    Options options_;
    MessageStore& store_;
    Transport& transport_;
    const Clock& clock_;
    UuidGenerator& ids_;
    resilience::Backoff backoff_;
    std::function<void()> wake_;
    Instant next_sweep_{};
    std::mutex mutex_;
    std::deque<Held> queue_;  // guarded by mutex_
};

}  // namespace platform::notification
