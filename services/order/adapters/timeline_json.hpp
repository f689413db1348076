#pragma once
#include "services/order/domain/timeline.hpp"
#include "shared/core/result.hpp"
#include "shared/http/message.hpp"

#include <string>
#include <string_view>

/// Timelines as they are stored and as the API shows them.
namespace platform::order {

/// Compact: a list for each step, a correlation id only where it changes.
[[nodiscard]] std::string encode_timeline(const Timeline& timeline);
/// Error: Internal when the text was written by another program.
[[nodiscard]] Result<Timeline> decode_timeline(std::string_view text);

/// 200 {"orderId","events":[{at,service,type,topic,partition,offset,eventId,attempt,delivery,compensation,correlationId,traceId}],
/// "truncated"}; `recorded` says whether topics are read at all.
[[nodiscard]] http::Response shown_timeline(const OrderId& id, const Timeline& timeline, bool recorded);

}  // namespace platform::order
