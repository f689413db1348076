#include "services/notification/domain/sender.hpp"

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
    {
        const std::lock_guard lock(mutex_);
        const std::size_t room = options_.max_queue - std::min(options_.max_queue, queue_.size());
        const std::size_t count = std::min(room, messages.size());
        const auto end = messages.begin() + static_cast<std::ptrdiff_t>(count);
        queue_.insert(queue_.end(), std::make_move_iterator(messages.begin()), std::make_move_iterator(end));
    }
    if (wake_) wake_();
}

std::vector<Message> Sender::take_batch() {
    const std::lock_guard lock(mutex_);
    const std::size_t count = std::min(options_.batch, queue_.size());
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<Message> batch{std::make_move_iterator(queue_.begin()), std::make_move_iterator(end)};
    queue_.erase(queue_.begin(), end);
    return batch;
}

Duration Sender::step(Instant now) {
    const auto batch = take_batch();
    if (!batch.empty()) {
        send_all(batch);
        return Duration::zero();
    }
    if (now < next_sweep_) return next_sweep_ - now;
    next_sweep_ = now + options_.sweep_interval;
    auto due = store_.take_due(options_.batch, options_.lease);
    if (!due) {
        log::warn("due notifications could not be read", {{"why", due.error().what}});
        return options_.sweep_interval;
    }
    send_all(*due);
    if (due->size() == options_.batch) next_sweep_ = now;
    return std::max(Duration::zero(), next_sweep_ - now);
}

void Sender::send_all(std::span<const Message> batch) {
    std::vector<Message> sent;
    std::vector<events::Event> told;
    for (const auto& message : batch) {
        auto answer = transport_.send(message);
        if (!answer) {
            put_off(message, answer.error());
            continue;
        }
        sent.push_back(message);
        if (options_.emit_events) {
            told.push_back(
                tell(message, events::NotificationSent{.kind = message.kind, .channel = message.channel}, clock_, ids_)
            );
        }
    }
    if (sent.empty()) return;
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
