#pragma once
#include "services/order/domain/timeline.hpp"
#include "shared/core/clock.hpp"
#include "shared/mysql/pool.hpp"

#include <cstddef>
#include <cstdint>

namespace platform::order {

/// One row an order, which holds all of its steps: what a poll brings for an order is one row write. Thread-safe.
class MysqlTimelineStore final : public TimelineStore {
public:
    explicit MysqlTimelineStore(mysql::Pool& pool) : pool_(pool) {}

    [[nodiscard]] Result<void> add(std::span<const TimelineEntry> entries) override;
    [[nodiscard]] Result<Timeline> find(const OrderId& id) override;

    /// Deletes at most `limit` timelines that began more than `retention` ago. Gives the count.
    [[nodiscard]] Result<std::uint64_t> purge(Duration retention, std::size_t limit);

private:
    mysql::Pool& pool_;
};

}  // namespace platform::order
