#include "services/notification/domain/sender.hpp"

#include "shared/core/crash_point.hpp"
#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace platform::notification {
namespace {

events::Event tell(const Message& message, events::Payload payload, const Clock& clock, UuidGenerator& ids) {
    return {
        .metadata =
            {.event_id = EventId{ids.next()},
             .correlation_id = message.correlation_id,
             .causation_id = std::nullopt,
             .occurred_at = clock.wall(),
             .source_service = "notification-service",
             .version = events::kVersion},
        .order_id = message.order_id,
        .payload = std::move(payload),
    };
}

}  // namespace

Sender::Sender(Options options, MessageStore& store, Transport& transport, const Clock& clock, UuidGenerator& ids)
    : options_(options), store_(store), transport_(transport), clock_(clock), ids_(ids), backoff_(options.backoff) {}

void Sender::hand_over(std::vector<Message> messages) {
    if (messages.empty()) return;
    const Instant until = clock_.now() + options_.lease / 2;
    {
        const std::lock_guard lock(mutex_);
        for (auto& message : messages) {
            if (queue_.size() >= options_.max_queue) break;
            queue_.push_back({.message = std::move(message), .until = until});
        }
    }
    if (wake_) wake_();
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
    bool waiting = false;
    {
        const std::lock_guard lock(mutex_);
        waiting = !queue_.empty();
    }
    if (!waiting) {
        if (now < next_sweep_) return next_sweep_ - now;
        if (!sweep(now)) return next_sweep_ - now;
    }
    send_batch();
    return Duration::zero();
}

/// Queues what is due again; false when nothing is.
bool Sender::sweep(Instant now) {
    next_sweep_ = now + options_.sweep_interval;
    const Instant until = clock_.now() + options_.lease / 2;
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
    std::vector<Message> sent;
    std::size_t late = 0;
    while (!batch.empty() && clock_.now() < end) {
        auto [message, until] = std::move(batch.front());
        batch.pop_front();
        if (clock_.now() >= until) {
            ++late;
            continue;
        }
        if (auto answer = transport_.send(message); !answer) {
            put_off(message, answer.error());
        } else {
            sent.push_back(std::move(message));
        }
    }
    if (late > 0) log::warn("notifications waited too long to be sent and are left to the next sweep", {{"messages", late}});
    give_back(std::move(batch));
    mark(sent);
}

void Sender::mark(std::span<const Message> sent) {
    if (sent.empty()) return;
    crash_point("notification.after_send");
    std::vector<events::Event> told;
    for (const auto& message : options_.emit_events ? sent : std::span<const Message>{}) {
        told.push_back(
            tell(message, events::NotificationSent{.kind = message.kind, .channel = message.channel}, clock_, ids_)
        );
    }
    if (const auto marked = store_.sent(sent, told); !marked) {
        log::warn(
            "sent notifications could not be marked; they are sent again with the same message id",
            {{"messages", sent.size()}, {"why", marked.error().what}}
        );
    }
}

void Sender::put_off(const Message& message, const Error& why) {
    const bool give_up = !retryable(why.kind) || message.attempts + 1 >= options_.max_attempts;
    std::vector<events::Event> told;
    if (give_up && options_.emit_events) {
        told.push_back(tell(
            message,
            events::NotificationFailed{
                .kind = message.kind, .channel = message.channel, .reason = to_string(why.kind)
            },
            clock_,
            ids_
        ));
    }
    log::warn(
        give_up ? "a notification is given up" : "a notification could not be sent and is tried again",
        {{"order_id", message.order_id.text()}, {"kind", message.kind}, {"attempt", message.attempts + 1}, {"why", why.what}}
    );
    const auto stored = store_.failed(message, backoff_.delay(message.attempts + 1), give_up, told);
    if (!stored) log::warn("a failed notification could not be put off", {{"why", stored.error().what}});
}

}  // namespace platform::notification
