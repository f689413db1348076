#pragma once
#include "services/notification/domain/sender.hpp"

namespace platform::notification {

/// Writes messages to the log; for evaluation. The body stays out: it may hold personal data.
class LogTransport final : public Transport {
public:
    [[nodiscard]] Result<void> send(const Message& message) override;
};

}  // namespace platform::notification
