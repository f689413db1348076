#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"
#include "shared/mysql/pool.hpp"
#include "shared/mysql/session.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

namespace platform::outbox {

/// Marks `events` as handled by `group` in the caller's transaction and gives those that had not been. Repeats within `events` count once.
/// A race with another member of the group ends as Unavailable: roll back and try again. Errors: as Session's.
[[nodiscard]] Result<std::set<Uuid>> admit(mysql::Session& session, std::string_view group, std::span<const Uuid> events);

/// The positions in `events` of what happens now: of all that have no id, and of each new id the first. Marks and errors as admit()'s.
[[nodiscard]] Result<std::vector<std::size_t>>
admit_positions(mysql::Session& session, std::string_view group, std::span<const std::optional<EventId>> events);

/// Deletes at most `limit` inbox rows older than `retention`. Gives the count.
[[nodiscard]] Result<std::uint64_t> purge_inbox(mysql::Session& session, Duration retention, std::size_t limit);

}  // namespace platform::outbox
