#pragma once
#include "services/order/domain/timeline.hpp"
#include "shared/kafka/record.hpp"

#include <optional>

namespace platform::order {

/// What a record says of an order: from its CloudEvents headers when it has them, else from its value. Nothing when it tells
/// of no order. The bytes are untrusted.
[[nodiscard]] std::optional<TimelineEntry> timeline_entry(const kafka::Record& record);

/// Leaves of a record what timeline_entry() says of it, as bytes that are this process's own: some 350 bytes in all. Every record is trimmed
/// before the handler sees it, so that nobody's bytes are taken for these.
void trim_for_timeline(kafka::Record& record);
/// Whose a trimmed record is; nothing when it tells of no order.
[[nodiscard]] std::optional<OrderId> trimmed_order_id(const kafka::Record& record);
/// What a trimmed record says that tells of an order.
[[nodiscard]] TimelineEntry trimmed_entry(const kafka::Record& record);

}  // namespace platform::order
