#pragma once
#include "services/notification/adapters/smtp_transport.hpp"
#include "services/notification/domain/announcer.hpp"
#include "services/notification/domain/message.hpp"
#include "services/notification/domain/sender.hpp"
#include "services/notification/domain/template.hpp"
#include "shared/config/settings.hpp"

namespace platform::notification {

/// The settings of this service alone; shared/service reads those that all services have.
struct Config {
    Channel channel;
    Templates templates;
    SmtpTransport::Options smtp;  ///< an empty url means: to the log
    Sender::Options sender;
    Announcer::Options announcer;
};

[[nodiscard]] Config read_config(config::Reader& reader);

}  // namespace platform::notification
