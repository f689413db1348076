#include "services/notification/adapters/log_transport.hpp"

#include "shared/telemetry/log.hpp"

namespace platform::notification {

void LogTransport::write(const Message& message) {
    const log::CorrelationScope scope{message.correlation_id};
    log::info(
        "notification", {{"order_id", message.order_id.text()}, {"kind", message.kind}, {"message_id", message.message_id}}
    );
}

std::expected<void, Obstacle> LogTransport::send(const Message& message) {
    write(message);
    return {};
}

}  // namespace platform::notification
