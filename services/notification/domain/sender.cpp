#include "services/notification/domain/sender.hpp"

#include "shared/core/crash_point.hpp"
#include "shared/telemetry/log.hpp"
#include "shared/telemetry/log_context.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace platform::notification {

Sender::Sender(
    Options options, MessageStore& store, Transport& transport, Announcer& announcer, const Clock& clock, metrics::Registry& registry
)
    : options_(options),
      store_(store),
      transport_(transport),
      announcer_(announcer),
      clock_(clock),
      backoff_(options.backoff),
      blocked_(options.blocked),
      retries_(registry.counter("notification_retries_total", "Tries that failed and will be repeated")),
      queued_(registry.gauge("notification_queue", "Messages in this process that wait to be sent")),
      open_(registry.gauge("notification_way_open", "0 while the mail server cannot be used, else 1")) {
    open_.set(1);
}

void Sender::hand_over(std::vector<Message> messages, Instant until) {
    if (messages.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        for (auto& message : messages) {
            if (queue_.size() >= options_.max_queue) break;
            queue_.push_back({.message = std::move(message), .until = until});
        }
    }
    if (wake_) wake_();
}

bool Sender::has_waiting() {
    const std::lock_guard lock(mutex_);
    queued_.set(static_cast<double>(queue_.size()));
    return !queue_.empty();
}

std::deque<Sender::Held> Sender::take_batch() {
    const std::lock_guard lock(mutex_);
    const std::size_t count = std::min(options_.batch, queue_.size());
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    std::deque<Held> batch{std::make_move_iterator(queue_.begin()), std::make_move_iterator(end)};
    queue_.erase(queue_.begin(), end);
    return batch;
}

void Sender::give_back(std::deque<Held> rest) {
    const std::lock_guard lock(mutex_);
    queue_.insert(queue_.begin(), std::make_move_iterator(rest.begin()), std::make_move_iterator(rest.end()));
}

Duration Sender::step(Instant now) {
    if (!began_) {
        if (const auto released = store_.release_predecessors(); !released) {
            log::warn("claims of an earlier process could not be released", {{"why", released.error().what}});
        } else {
            began_ = true;
        }
    }
    const bool waiting = has_waiting();
    if (now < blocked_until_) return blocked_until_ - now;
    if (!waiting) {
        if (now < next_sweep_) return next_sweep_ - now;
        if (!sweep(now)) return next_sweep_ - now;
    }
    send_batch();
    return Duration::zero();
}

void Sender::release() {
    {
        const std::lock_guard lock(mutex_);
        queue_.clear();
    }
    if (const auto released = store_.release(); !released) {
        log::warn("pending notifications could not be released; their leases will end", {{"why", released.error().what}});
    }
}

/// Queues what is due again; false when nothing is.
bool Sender::sweep(Instant now) {
    next_sweep_ = now + options_.sweep_interval;
    const Instant until = hold();
    auto due = store_.take_due(options_.batch, options_.lease);
    if (!due) {
        log::warn("due notifications could not be read", {{"why", due.error().what}});
        return false;
    }
    if (due->size() == options_.batch) next_sweep_ = now;
    std::deque<Held> held;
    for (auto& message : *due) held.push_back({.message = std::move(message), .until = until});
    give_back(std::move(held));
    return !due->empty();
}

void Sender::send_batch() {
    const Instant end = clock_.now() + options_.slice;
    auto batch = take_batch();
    Outcome outcome;
    std::size_t late = 0;
    bool open = true;
    while (open && !batch.empty() && clock_.now() < end) {
        const auto [message, until] = std::move(batch.front());
        batch.pop_front();
        if (clock_.now() >= until) {
            ++late;
            continue;
        }
        open = send_one(message, outcome);
    }
    if (late > 0) log::warn("notifications waited too long to be sent and are left to the next sweep", {{"messages", late}});
    give_back(std::move(batch));
    settle(outcome);
}

/// Gives whether the way is open for the next one.
bool Sender::send_one(const Message& message, Outcome& outcome) {
    const log::CorrelationScope correlation(message.correlation_id);
    const log::TraceScope trace(message.traceparent);
    const auto answer = transport_.send(message);
    if (answer) {
        outcome.sent.push_back(message);
    } else {
        put_off(message, answer.error(), outcome);
    }
    const bool open = answer || !answer.error().for_all;
    failures_for_all_ = open ? 0 : failures_for_all_ + 1;
    blocked_until_ = open ? Instant{} : clock_.now() + blocked_.delay(failures_for_all_);
    open_.set(open ? 1 : 0);
    return open;
}

void Sender::put_off(const Message& message, const Obstacle& why, Outcome& outcome) {
    const bool again = retryable(why.error.kind) && (why.for_all || message.attempts + 1 < options_.max_attempts);
    log::warn(
        again ? "a notification could not be sent and is tried again" : "a notification is given up",
        {{"order_id", message.order_id.text()}, {"kind", message.kind}, {"attempt", message.attempts + 1}, {"why", why.error.what}}
    );
    if (again) {
        retries_.add();
        auto& pauses = why.for_all ? blocked_ : backoff_;
        outcome.postponed.push_back({.message = message, .pause = pauses.delay(message.attempts + 1)});
        return;
    }
    outcome.given_up.push_back(message);
    for (auto& event : announcer_.failed(message, to_string(why.error.kind))) outcome.told.push_back(std::move(event));
}

void Sender::settle(const Outcome& tried) {
    if (tried.sent.empty() && tried.given_up.empty() && tried.postponed.empty()) return;
    if (!tried.sent.empty()) crash_point("notification.after_send");
    Outcome outcome = tried;
    for (auto& event : announcer_.sent(outcome.sent)) outcome.told.push_back(std::move(event));
    if (const auto marked = store_.settle(outcome); !marked) {
        log::warn(
            "what became of notifications could not be marked; sent ones are sent again with the same message id",
            {{"sent", outcome.sent.size()}, {"others", outcome.given_up.size() + outcome.postponed.size()}, {"why", marked.error().what}}
        );
    }
}

}  // namespace platform::notification
