#include "services/notification/adapters/events_handler.hpp"

#include "services/notification/adapters/send_span.hpp"
#include "shared/core/crash_point.hpp"

#include <set>
#include <utility>

namespace platform::notification {

EventsHandler::EventsHandler(
    Texts texts, MessageStore& store, PreferenceStore& preferences, Sender& sender, Announcer& announcer,
    service::DeadLetters& dead_letters, const tracing::Tracer* tracer
)
    : texts_(std::move(texts)),
      store_(store),
      preferences_(preferences),
      sender_(sender),
      announcer_(announcer),
      dead_letters_(dead_letters),
      tracer_(tracer) {}

Result<void> EventsHandler::apply(std::span<const kafka::Record> batch) {
    auto events = service::decode_batch(batch);
    if (!events) return fail(std::move(events).error());
    std::vector<Notice> notices;
    for (const auto& event : *events) {
        if (auto notice = notice_of(event)) notices.push_back(*std::move(notice));
    }
    if (auto added = add_users(notices); !added) return added;
    auto messages = messages_of(notices);
    if (!messages) return fail(std::move(messages).error());
    const Instant until = sender_.hold();
    auto queued = store_.add(*messages, sender_.lease(), [this](std::span<const Message> now) { return deliver(now); });
    if (!queued) return fail(std::move(queued).error());
    sender_.hand_over(*std::move(queued), until);
    return {};
}

/// Some events leave out the customer whom others of the same order name, in this batch or before.
Result<void> EventsHandler::add_users(std::vector<Notice>& notices) {
    std::map<OrderId, std::string> users;
    for (const auto& notice : notices) {
        if (!notice.user_id.empty()) users.emplace(notice.order_id, notice.user_id);
    }
    std::vector<OrderId> unknown;
    for (const auto& notice : notices) {
        if (notice.user_left_out && !users.contains(notice.order_id)) unknown.push_back(notice.order_id);
    }
    auto earlier = store_.users_of(unknown);
    if (!earlier) return fail(std::move(earlier).error());
    users.merge(*earlier);
    for (auto& notice : notices) {
        const auto user = users.find(notice.order_id);
        if (notice.user_left_out && user != users.end()) notice.user_id = user->second;
    }
    return {};
}

Result<std::vector<Message>> EventsHandler::messages_of(std::span<const Notice> notices) {
    std::set<std::string> users;
    for (const auto& notice : notices) {
        if (!notice.user_id.empty()) users.insert(notice.user_id);
    }
    auto chosen = preferences_.find(std::vector(users.begin(), users.end()));
    if (!chosen) return fail(std::move(chosen).error());
    std::vector<Message> messages;
    for (const auto& notice : notices) {
        const auto preference = chosen->find(notice.user_id);
        const Preference* own = preference == chosen->end() ? nullptr : &preference->second;
        for (auto& message : compose(notice, own, texts_.templates, texts_.channel)) {
            messages.push_back(std::move(message));
        }
    }
    return messages;
}

std::vector<events::Event> EventsHandler::deliver(std::span<const Message> messages) {
    for (const auto& message : messages) {
        const tracing::Span span = send_span(tracer_, message);
        log_.write(message);
    }
    crash_point("notification.after_send");
    return announcer_.sent(messages);
}

Result<void> EventsHandler::dead_letter(const kafka::Record& record, const Error& why) {
    return dead_letters_.store(record, why);
}

}  // namespace platform::notification
