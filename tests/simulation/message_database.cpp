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

void MessageDatabase::add(const Message& message, Duration lease) {
    const Key key = key_of(message);
    Row& row = rows[key];
    row = {.message = message, .state = "PENDING", .next = std::nullopt};
    look_at(key, row, now() + lease);
    checker().message_added(message);
}

void MessageDatabase::settle(const Message& message, const std::string& state) {
    const auto found = rows.find(key_of(message));
    if (found == rows.end()) return;
    found->second.message.attempts += 1;
    found->second.state = state;
    look_at(found->first, found->second, std::nullopt);
    checker().message_marked(message, state == "FAILED");
}

void MessageDatabase::put_off(const Message& message, Duration pause) {
    const auto found = rows.find(key_of(message));
    if (found == rows.end() || found->second.state != "PENDING") return;  // another process has settled it
    found->second.message.attempts += 1;
    look_at(found->first, found->second, now() + pause);
}

std::vector<Message> MessageDatabase::take_due(std::size_t limit, Duration lease) {
    std::vector<Message> taken;
    while (taken.size() < limit && !due_.empty() && due_.begin()->first <= now()) {
        const Key key = due_.begin()->second;
        Row& row = rows.at(key);
        taken.push_back(row.message);
        look_at(key, row, now() + lease);
    }
    return taken;
}

Result<std::vector<Message>> SimulatedMessageStore::add(
    std::span<const Message> messages, Duration lease, const Deliver& /*deliver: all of them are mails*/
) {
    std::vector<Message> added;
    if (messages.empty()) return added;
    if (auto begun = session_.begin(); !begun) return fail(std::move(begun).error());
    std::set<MessageDatabase::Key> keys;
    for (const auto& message : messages) {
        const auto key = MessageDatabase::key_of(message);
        if (!database_.rows.contains(key) && keys.insert(key).second) added.push_back(message);
    }
    auto done = session_.commit([&] {
        for (const auto& message : added) database_.add(message, lease);
    });
    if (!done) return fail(std::move(done).error());
    return added;
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
    auto done = session_.commit([&] { due = database_.take_due(limit, lease); });
    if (!done) return fail(std::move(done).error());
    return due;
}

Result<std::vector<notification::Stored>> SimulatedMessageStore::find(const OrderId& order) {
    if (auto begun = session_.begin(); !begun) return fail(std::move(begun).error());
    std::vector<notification::Stored> found;
    for (auto row = database_.rows.lower_bound({order, "", ""}); row != database_.rows.end(); ++row) {
        if (row->second.message.order_id != order) break;
        found.push_back({.message = row->second.message, .state = row->second.state});
    }
    return found;
}

Result<std::map<OrderId, std::string>> SimulatedMessageStore::users_of(std::span<const OrderId> /*orders*/) {
    return std::map<OrderId, std::string>{};
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
