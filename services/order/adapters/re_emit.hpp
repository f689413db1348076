#pragma once
#include "services/order/domain/order.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"
#include "shared/mysql/session.hpp"
#include "shared/service/service_config.hpp"

#include <cstddef>
#include <optional>

namespace platform::order {

/// Tells again what a time window had to tell, for a broker that lost the end of its log: ORDER_CREATED of the orders that were
/// placed in it, ORDER_COMPLETED or ORDER_CANCELLED of those that were decided in it. Same content, new event ids, written to
/// the outbox as rows that nobody sends yet, so that a running service sends them. Running it twice does no harm. One thread.
class ReEmit {
public:
    struct Window {
        WallTime from;  ///< included
        WallTime to;    ///< not included
    };
    ReEmit(mysql::Session& session, service::Topics topics, UuidGenerator& ids, Window window)
        : session_(session), topics_(std::move(topics)), ids_(ids), window_(window) {}

    /// One page of orders, one transaction. Gives false when the window is done; `events()` has grown otherwise.
    [[nodiscard]] Result<bool> step();
    /// True while the outbox holds so much that more should wait.
    [[nodiscard]] Result<bool> crowded();
    [[nodiscard]] std::size_t events() const { return events_; }

private:
    mysql::Session& session_;
    service::Topics topics_;
    UuidGenerator& ids_;
    Window window_;
    std::optional<OrderId> last_;
    std::size_t events_ = 0;
};

}  // namespace platform::order
