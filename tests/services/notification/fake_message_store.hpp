#pragma once
#include "services/notification/domain/message_store.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace platform::notification {

/// Messages in memory, held to the same contract suite as the MySQL adapter. Its time stands still until
/// pass(). One thread.
class FakeMessageStore final : public MessageStore {
public:
    Result<std::vector<Message>> add(std::span<const Request> requests, Duration lease) override {
        if (broken) return fail(ErrorKind::Unavailable, "broken on purpose");
        std::vector<Message> added;
        for (const auto& [event_id, message] : requests) {
            if (!inbox.insert(event_id).second || find_entry(message) != nullptr) continue;
            entries_.push_back({.message = message, .state = "PENDING", .next = now_ + lease});
            added.push_back(message);
        }
        return added;
    }
    Result<void> sent(std::span<const Message> messages, std::span<const events::Event> events) override {
        if (auto told = tell(events); !told) return told;
        for (const auto& message : messages) settle(message, "SENT", std::nullopt);
        return {};
    }
    Result<void> failed(
        const Message& message,
        Duration pause,
        bool give_up,
        std::span<const events::Event> events
    ) override {
        if (auto told = tell(events); !told) return told;
        settle(message, give_up ? "FAILED" : "PENDING", give_up ? std::nullopt : std::optional(now_ + pause));
        return {};
    }
    Result<std::vector<Message>> take_due(std::size_t limit, Duration lease) override {
        if (broken) return fail(ErrorKind::Unavailable, "broken on purpose");
        std::vector<Entry*> due;
        for (auto& entry : entries_) {
            if (entry.next && *entry.next <= now_) due.push_back(&entry);
        }
        std::ranges::stable_sort(due, {}, [](const Entry* entry) { return *entry->next; });
        if (due.size() > limit) due.resize(limit);
        std::vector<Message> taken;
        for (auto* entry : due) {
            entry->next = now_ + lease;
            taken.push_back(entry->message);
        }
        return taken;
    }
    Result<std::vector<Stored>> find(const OrderId& order) override {
        std::vector<Stored> found;
        for (const auto& entry : entries_) {
            if (entry.message.order_id == order)
                found.push_back({.message = entry.message, .state = entry.state});
        }
        return found;
    }

    void pass(Duration time) { now_ += time; }

    std::set<EventId> inbox;
    std::vector<events::Event> emitted;
    bool broken = false;
    bool refuses_events = false;

private:
    struct Entry {
        Message message;
        std::string state;
        std::optional<Duration> next;
    };
    Result<void> tell(std::span<const events::Event> events) {
        if (broken || (refuses_events && !events.empty()))
            return fail(ErrorKind::Unavailable, "broken on purpose");
        emitted.insert(emitted.end(), events.begin(), events.end());
        return {};
    }
    Entry* find_entry(const Message& message) {
        const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
            return entry.message.order_id == message.order_id && entry.message.kind == message.kind &&
                   entry.message.channel == message.channel;
        });
        return found == entries_.end() ? nullptr : &*found;
    }
    void settle(const Message& message, const std::string& state, std::optional<Duration> next) {
        auto* entry = find_entry(message);
        if (entry == nullptr) return;
        entry->message.attempts += 1;
        entry->state = state;
        entry->next = next;
    }

    std::vector<Entry> entries_;
    Duration now_{0};
};

}  // namespace platform::notification
