#include "shared/outbox/inbox.hpp"

#include <utility>

namespace platform::outbox {
namespace {

constexpr std::size_t kIdsPerStatement = 1000;

using Ids = std::span<const Uuid>;

Result<std::uint64_t> insert_rows(mysql::Session& session, std::string_view group, Ids ids) {
    mysql::Sql sql("INSERT INTO inbox (consumer_group, event_id) VALUES ");
    std::string_view separator;
    for (const Uuid& id : ids) {
        sql.add(separator).add("(?, ?)", group, id);
        separator = ", ";
    }
    return session.execute(sql);
}

Result<void> remove_handled(mysql::Session& session, std::string_view group, std::vector<Uuid>& ids) {
    mysql::Sql sql("SELECT event_id FROM inbox WHERE consumer_group = ? AND event_id IN (", group);
    std::string_view separator;
    for (const Uuid& id : ids) {
        sql.add(separator).add("?", id);
        separator = ", ";
    }
    sql.add(")");
    auto rows = session.query(sql);
    if (!rows) return fail(std::move(rows.error()));
    std::set<Uuid> handled;
    for (const mysql::Row& row : *rows) handled.insert(row.uuid(0));
    std::erase_if(ids, [&](const Uuid& id) { return handled.contains(id); });
    return {};
}

/// Gives those of `ids` (sorted, without repeats) that are new.
Result<std::vector<Uuid>> admit_some(mysql::Session& session, std::string_view group, Ids ids) {
    // Repeats are rare, hence the INSERT goes first; when it meets one, it alone is rolled back, not the
    // transaction.
    auto stored = insert_rows(session, group, ids);
    std::vector<Uuid> fresh(ids.begin(), ids.end());
    if (stored) return fresh;
    if (stored.error().kind != ErrorKind::Conflict) return fail(std::move(stored.error()));

    if (auto removed = remove_handled(session, group, fresh); !removed)
        return fail(std::move(removed.error()));
    if (fresh.empty()) return fresh;
    stored = insert_rows(session, group, fresh);
    if (stored) return fresh;
    if (stored.error().kind == ErrorKind::Conflict) {
        return fail(ErrorKind::Unavailable, "another member of the group is handling the same events");
    }
    return fail(std::move(stored.error()));
}

}  // namespace

Result<std::set<Uuid>> admit(mysql::Session& session, std::string_view group, Ids events) {
    std::set<Uuid> fresh(events.begin(), events.end());
#ifdef PLATFORM_MUTANT_NO_INBOX
    return fresh;
#endif
    const std::vector<Uuid> sorted(
        fresh.begin(), fresh.end()
    );  // sorted: two batches cannot wait for each other
    fresh.clear();
    for (Ids rest = sorted; !rest.empty();) {
        const Ids some = rest.first(std::min(rest.size(), kIdsPerStatement));
        auto admitted = admit_some(session, group, some);
        if (!admitted) return fail(std::move(admitted.error()));
        fresh.insert(admitted->begin(), admitted->end());
        rest = rest.subspan(some.size());
    }
    return fresh;
}

Result<std::vector<std::size_t>>
admit_positions(mysql::Session& session, std::string_view group, std::span<const std::optional<EventId>> events) {
    std::vector<Uuid> ids;
    for (const auto& event : events) {
        if (event) ids.push_back(event->uuid);
    }
    auto fresh = admit(session, group, ids);
    if (!fresh) return fail(std::move(fresh.error()));
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const auto& event = events[i];
        if (!event || fresh->contains(event->uuid)) positions.push_back(i);
#ifndef PLATFORM_MUTANT_NO_INBOX
        if (event) fresh->erase(event->uuid);
#endif
    }
    return positions;
}

Result<std::uint64_t> purge_inbox(mysql::Session& session, Duration retention, std::size_t limit) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(retention).count();
    return session.execute(mysql::Sql(
        "DELETE FROM inbox WHERE handled_at < CURRENT_TIMESTAMP(6) - INTERVAL ? MICROSECOND ORDER BY "
        "handled_at LIMIT ?",
        micros,
        limit
    ));
}

}  // namespace platform::outbox
