#pragma once
#include "services/notification/adapters/smtp_transport.hpp"
#include "services/notification/domain/message.hpp"
#include "services/notification/domain/sender.hpp"
#include "shared/config/settings.hpp"

namespace platform::notification {

/// The settings of this service alone; shared/service reads those that all services have.
struct Config {
    Channel channel;
    SmtpTransport::Options smtp;  ///< an empty url means: to the log
    Sender::Options sender;
};

[[nodiscard]] Config read_config(config::Reader& reader);

}  // namespace platform::notification
