#pragma once
#include "services/notification/domain/message_store.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace platform::notification {

/// Messages in memory, held to the same contract suite as the MySQL adapter. Its time stands still until
/// pass(). One thread.
class FakeMessageStore final : public MessageStore {
public:
    Result<std::vector<Message>> add(std::span<const Message> messages, Duration lease, const Deliver& deliver) override {
        if (broken) return fail(ErrorKind::Unavailable, "broken on purpose");
        const auto earlier = entries_;
        std::vector<Message> queued;
        std::vector<Message> now;
        for (const auto& message : messages) {
            const bool told = std::ranges::any_of(earlier, [&](const Entry& entry) { return same_step(entry.message, message); });
            if (told || find_entry(message) != nullptr) continue;
            enter(message, lease);
            if (way_of(message.channel) == Way::Queued) queued.push_back(message);
            if (way_of(message.channel) == Way::WithCommit) now.push_back(message);
        }
        if (auto done = now.empty() ? Result<void>{} : tell(deliver(now)); !done) {
            entries_ = earlier;
            return fail(done.error());
        }
        return queued;
    }
    Result<void> settle(const Outcome& outcome) override {
        if (auto done = tell(outcome.told); !done) return done;
        for (const auto& message : outcome.sent) finish(message, "SENT", std::nullopt);
        for (const auto& message : outcome.given_up) finish(message, "FAILED", std::nullopt);
        for (const auto& [message, pause] : outcome.postponed) finish(message, "PENDING", now_ + pause);
        return {};
    }
    Result<void> release_predecessors() override {
        if (broken) return fail(ErrorKind::Unavailable, "broken on purpose");
        return let_go([](const std::string& owner) { return owner == "predecessor"; });
    }
    Result<void> release() override {
        if (broken) return fail(ErrorKind::Unavailable, "broken on purpose");
        return let_go([](const std::string& owner) { return owner == "this"; });
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
            entry->owner = "this";
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

    Result<std::map<OrderId, std::string>> users_of(std::span<const OrderId> orders) override {
        std::map<OrderId, std::string> users;
        for (const auto& entry : entries_) {
            const auto& [order, user] = std::tie(entry.message.order_id, entry.message.user_id);
            if (!user.empty() && std::ranges::find(orders, order) != orders.end()) users.emplace(order, user);
        }
        return users;
    }

    void pass(Duration time) { now_ += time; }
    /// As if another process of the same instance held everything that is held now.
    void die() {
        for (auto& entry : entries_) {
            if (entry.owner == "this") entry.owner = "predecessor";
        }
    }

    std::vector<events::Event> emitted;
    bool broken = false;
    bool refuses_events = false;

private:
    struct Entry {
        Message message;
        std::string state;
        std::optional<Duration> next;
        std::string owner;
    };
    static bool same_step(const Message& one, const Message& other) {
        return one.order_id == other.order_id && one.kind == other.kind;
    }
    void enter(Message message, Duration lease) {
        switch (way_of(message.channel)) {
            case Way::Queued:
                entries_.push_back({.message = std::move(message), .state = "PENDING", .next = now_ + lease, .owner = "this"});
                break;
            case Way::WithCommit:
                message.attempts += 1;
                entries_.push_back({.message = std::move(message), .state = "SENT", .next = {}, .owner = {}});
                break;
            case Way::Never: entries_.push_back({.message = std::move(message), .state = "SKIPPED", .next = {}, .owner = {}}); break;
        }
    }
    template <class Whose>
    Result<void> let_go(Whose whose) {
        for (auto& entry : entries_) {
            if (!whose(entry.owner)) continue;
            entry.owner.clear();
            if (entry.next) entry.next = std::min(*entry.next, now_);
        }
        return {};
    }
    Result<void> tell(std::span<const events::Event> events) {
        if (broken || (refuses_events && !events.empty()))
            return fail(ErrorKind::Unavailable, "broken on purpose");
        emitted.insert(emitted.end(), events.begin(), events.end());
        return {};
    }
    Entry* find_entry(const Message& message) {
        const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
            return same_step(entry.message, message) && entry.message.channel == message.channel;
        });
        return found == entries_.end() ? nullptr : &*found;
    }
    void finish(const Message& message, const std::string& state, std::optional<Duration> next) {
        auto* entry = find_entry(message);
        if (entry == nullptr) return;
        entry->message.attempts += 1;
        entry->state = state;
        entry->next = next;
        entry->owner.clear();
    }

    std::vector<Entry> entries_;
    Duration now_{0};
};

}  // namespace platform::notification
