#pragma once
#include "services/order/domain/timeline.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace platform::order {

/// The second `second` of an order's life, as order.events/1 has it at `offset`.
inline TimelineStep step(int second, std::string type, std::int64_t offset) {
    return {
        .at = WallTime{std::chrono::seconds(second)},
        .type = std::move(type),
        .service = "order-service",
        .topic = "order.events",
        .partition = 1,
        .offset = offset,
        .event_id = Uuid::of_name("step " + std::to_string(second)),
        .correlation_id = "c-1",
        .trace_id = {},
    };
}

}  // namespace platform::order
