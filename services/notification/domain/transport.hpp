#pragma once
#include "services/notification/domain/message.hpp"
#include "shared/core/result.hpp"

#include <expected>

namespace platform::notification {

/// Why a message did not leave.
struct Obstacle {
    Error error;  ///< Unavailable, Timeout: try again later; another kind: this message can never be sent
    /// The way is blocked, not this message: the next one would fare the same.
    bool for_all = false;
};

/// Port: a way to reach the customer. One thread.
class Transport {
public:
    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;
    [[nodiscard]] virtual std::expected<void, Obstacle> send(const Message& message) = 0;
};

}  // namespace platform::notification
