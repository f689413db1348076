#pragma once
#include "shared/kafka/record.hpp"
#include "shared/outbox/outbox.hpp"
#include "tests/services/order/orders.hpp"

#include <cstdint>
#include <string>

namespace platform::order {

/// `event` as the payment service would have sent it, traced.
inline kafka::Record record_of(const events::Event& event, std::int64_t offset, bool with_headers = true) {
    const auto row = outbox::to_row(event, "payment.events", "00-" + std::string(32, 'b') + "-" + std::string(16, 'c') + "-01");
    kafka::Record record{
        .topic = row.record.topic,
        .partition = 2,
        .offset = offset,
        .timestamp_millis = 1,
        .key = row.record.key,
        .value = row.record.value,
        .headers = {}
    };
    if (with_headers) record.headers = row.record.headers;
    return record;
}

}  // namespace platform::order
