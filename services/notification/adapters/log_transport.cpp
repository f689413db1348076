#include "services/notification/adapters/log_transport.hpp"

#include "shared/telemetry/log.hpp"

namespace platform::notification {

Result<void> LogTransport::send(const Message& message) {
    const log::CorrelationScope scope{message.correlation_id};
    log::info(
        "notification", {{"order_id", message.order_id.text()}, {"kind", message.kind}, {"message_id", message.message_id}}
    );
    return {};
}

}  // namespace platform::notification
