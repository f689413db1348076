#include "tests/simulation/message_database.hpp"

#include <algorithm>
#include <utility>

namespace platform::simulation {

using notification::Message;

MessageDatabase::Key MessageDatabase::key_of(const Message& message) {
    return {message.order_id, message.kind, message.channel};
}

void MessageDatabase::look_at(const Key& key, Row& row, std::optional<Instant> when) {
    if (row.next) due_.erase({*row.next, key});
    row.next = when;
    if (when) due_.emplace(*when, key);
}

bool MessageDatabase::knows_step(const Message& message) const {
    const auto row = rows.lower_bound({message.order_id, message.kind, ""});
    return row != rows.end() && row->second.message.order_id == message.order_id && row->second.message.kind == message.kind;
}

std::vector<const MessageDatabase::Row*> MessageDatabase::of(const OrderId& order) const {
    std::vector<const Row*> found;
    for (auto row = rows.lower_bound({order, "", ""}); row != rows.end(); ++row) {
        if (row->second.message.order_id != order) break;
        found.push_back(&row->second);
    }
    std::ranges::sort(found, {}, &Row::number);
    return found;
}

void MessageDatabase::add(const Message& message, const std::string& owner, Duration lease) {
    const Key key = key_of(message);
    const std::size_t number = rows.size();
    Row& row = rows[key];
    row = {.message = message, .number = number, .state = "PENDING", .owner = "", .next = std::nullopt};
    switch (notification::way_of(message.channel)) {
        case notification::Way::Queued:
            row.owner = owner;
            look_at(key, row, now() + lease);
            break;
        case notification::Way::WithCommit:
            row.state = "SENT";
            row.message.attempts += 1;
            break;
        case notification::Way::Never: row.state = "SKIPPED"; break;
    }
    checker().message_added(message);
}

void MessageDatabase::settle(const Message& message, const std::string& state) {
    const auto found = rows.find(key_of(message));
    if (found == rows.end()) return;
    found->second.message.attempts += 1;
    found->second.state = state;
    found->second.owner.clear();
    look_at(found->first, found->second, std::nullopt);
    checker().message_marked(message, state == "FAILED");
}

void MessageDatabase::put_off(const Message& message, Duration pause) {
    const auto found = rows.find(key_of(message));
    if (found == rows.end() || found->second.state != "PENDING") return;  // another process has settled it
    found->second.message.attempts += 1;
    found->second.owner.clear();
    look_at(found->first, found->second, now() + pause);
}

std::vector<Message> MessageDatabase::take_due(std::size_t limit, const std::string& owner, Duration lease) {
    std::vector<Message> taken;
    while (taken.size() < limit && !due_.empty() && due_.begin()->first <= now()) {
        const Key key = due_.begin()->second;
        Row& row = rows.at(key);
        taken.push_back(row.message);
        row.owner = owner;
        look_at(key, row, now() + lease);
    }
    return taken;
}

void MessageDatabase::let_go(const std::function<bool(const std::string& owner)>& whose) {
    std::vector<Key> held;
    for (const auto& [when, key] : due_) {
        if (when > now() && whose(rows.at(key).owner)) held.push_back(key);
    }
    for (const Key& key : held) {
        Row& row = rows.at(key);
        row.owner.clear();
        look_at(key, row, now());
    }
}

Result<std::vector<Message>> SimulatedMessageStore::add(
    std::span<const Message> messages, Duration lease, const Deliver& deliver
) {
    std::vector<Message> queued;
    if (messages.empty()) return queued;
    if (auto begun = session_.begin(); !begun) return fail(std::move(begun).error());
    std::vector<Message> added;
    std::vector<Message> with_commit;
    std::set<MessageDatabase::Key> keys;
    for (const auto& message : messages) {
        if (database_.knows_step(message) || !keys.insert(MessageDatabase::key_of(message)).second) continue;
        added.push_back(message);
        const auto way = notification::way_of(message.channel);
        if (way == notification::Way::Queued) queued.push_back(message);
        if (way == notification::Way::WithCommit) with_commit.push_back(message);
    }
    std::vector<events::Event> told;
    if (!with_commit.empty()) told = deliver(with_commit);
    auto rows = rows_of(told);
    auto done = session_.commit([&] {
        for (const auto& message : added) database_.add(message, owner_, lease);
        for (const auto& event : told) database_.checker().event_stored(event);
        database_.insert(rows, relay_.claim());
    });
    if (!done) return fail(std::move(done).error());
    relay_.hand_over(std::move(rows));
    return queued;
}

std::vector<outbox::OutboxRow> SimulatedMessageStore::rows_of(std::span<const events::Event> events) const {
    std::vector<outbox::OutboxRow> rows;
    for (const auto& event : events) rows.push_back(outbox::to_row(event, ""));
    outbox::bundle(rows);
    return rows;
}

Result<void> SimulatedMessageStore::settle(const notification::Outcome& outcome) {
    auto rows = rows_of(outcome.told);
    auto done = session_.begin().and_then([&] {
        return session_.commit([&] {
            for (const auto& message : outcome.sent) database_.settle(message, "SENT");
            for (const auto& message : outcome.given_up) database_.settle(message, "FAILED");
            for (const auto& [message, pause] : outcome.postponed) database_.put_off(message, pause);
            for (const auto& event : outcome.told) database_.checker().event_stored(event);
            database_.insert(rows, relay_.claim());
        });
    });
    if (done) {
        relay_.hand_over(std::move(rows));
    } else {
        server_.unmarked(outcome.sent);
    }
    return done;
}

Result<std::vector<Message>> SimulatedMessageStore::take_due(std::size_t limit, Duration lease) {
    if (auto begun = session_.begin(); !begun) return fail(std::move(begun).error());
    std::vector<Message> due;
    auto done = session_.commit([&] { due = database_.take_due(limit, owner_, lease); });
    if (!done) return fail(std::move(done).error());
    return due;
}

Result<void> SimulatedMessageStore::let_go(const std::function<bool(const std::string& owner)>& whose) {
    return session_.begin().and_then([&] { return session_.commit([&] { database_.let_go(whose); }); });
}

Result<void> SimulatedMessageStore::release_predecessors() {
    const std::string instance = owner_.substr(0, owner_.rfind(':') + 1);
    return let_go([&](const std::string& owner) { return owner.starts_with(instance) && owner != owner_; });
}

Result<void> SimulatedMessageStore::release() {
    return let_go([&](const std::string& owner) { return owner == owner_; });
}

Result<std::vector<notification::Stored>> SimulatedMessageStore::find(const OrderId& order) {
    if (auto begun = session_.begin(); !begun) return fail(std::move(begun).error());
    std::vector<notification::Stored> found;
    for (const auto* row : database_.of(order)) found.push_back({.message = row->message, .state = row->state});
    return found;
}

Result<std::map<OrderId, std::string>> SimulatedMessageStore::users_of(std::span<const OrderId> orders) {
    std::map<OrderId, std::string> users;
    if (orders.empty()) return users;
    if (auto begun = session_.begin(); !begun) return fail(std::move(begun).error());
    for (const OrderId& order : orders) {
        for (const auto* row : database_.of(order)) {
            if (!row->message.user_id.empty()) users.emplace(order, row->message.user_id);
        }
    }
    return users;
}

void MailServer::accept(const Message& message, const Process& sender, bool excused) {
    Delivery& delivery = deliveries_[MessageDatabase::key_of(message)];
    const bool repeat = delivery.sender != nullptr;
    const bool ended = repeat && (delivery.sender->life() != delivery.life || !delivery.sender->running());
    const bool stopped = repeat && scheduler_.now() - delivery.at > patience_;
    checker_.message_sent(message, delivery.excused || excused || ended || stopped);
    delivery = {.sender = &sender, .life = sender.life(), .at = scheduler_.now(), .excused = delivery.excused || excused};
}

void MailServer::unmarked(std::span<const Message> messages) {
    for (const auto& message : messages) deliveries_[MessageDatabase::key_of(message)].excused = true;
}

std::expected<void, notification::Obstacle> SimulatedTransport::send(const Message& message) {
    const Instant begun = process_.scheduler().now();
    process_.point();
    if (server_.down || random_.chance(faults_.request_lost)) {
        return std::unexpected(notification::Obstacle{
            .error = {.kind = ErrorKind::Unavailable, .what = "the mail server is away"}, .for_all = true
        });
    }
    const bool slow = process_.scheduler().now() - begun > server_.patience();
    const bool answer_lost = random_.chance(faults_.answer_lost);
    server_.accept(message, process_, slow || answer_lost);
    process_.point();
    if (answer_lost) {
        return std::unexpected(notification::Obstacle{
            .error = {.kind = ErrorKind::Timeout, .what = "the mail server has not answered"}, .for_all = true
        });
    }
    return {};
}

}  // namespace platform::simulation
