#include "services/notification/app.hpp"

#include "services/notification/adapters/channel_transport.hpp"
#include "services/notification/adapters/events_handler.hpp"
#include "services/notification/adapters/mysql_message_store.hpp"
#include "services/notification/adapters/mysql_preference_store.hpp"
#include "services/notification/adapters/notification_api.hpp"
#include "services/notification/adapters/preference_api.hpp"
#include "services/notification/adapters/smtp_transport.hpp"
#include "services/notification/config.hpp"
#include "services/notification/migrations/migrations.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

namespace platform::notification {
namespace {

std::unique_ptr<Transport> mail_transport(const Config& config, const Clock& clock) {
    if (config.smtp.url.empty()) return nullptr;
    return std::make_unique<SmtpTransport>(config.smtp, clock);
}

/// Everything that this service adds to the runtime, in start order.
struct Service {
    Service(const Config& config, service::Runtime& runtime)
        : store(
              {.topic = runtime.settings().topics.notification},
              runtime.pool(),
              runtime.relay()
          ),
          preferences(runtime.pool()),
          transport(mail_transport(config, runtime.clock()), &runtime.tracer()),
          announcer(config.announcer, runtime.clock(), runtime.ids(), runtime.metrics()),
          sender(config.sender, store, transport, announcer, runtime.clock(), runtime.metrics()),
          dead_letters(runtime),
          handler({.templates = config.templates, .channel = config.channel}, store, preferences, sender, announcer, dead_letters, &runtime.tracer()),
          api(store, runtime),
          preference_api(preferences, runtime) {
        sender.on_work(runtime.work("notification-sender", service::Runtime::Stage::Background, [this](Instant now) {
            began = true;
            return sender.step(now);
        }));
        const auto& topics = runtime.settings().topics;
        runtime.consume("notification-kafka", {topics.payment, topics.order}, handler);
    }
    /// The runtime has stopped: nobody sends any more, so another process may at once.
    ~Service() {
        if (began) sender.release();
    }
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    MysqlMessageStore store;
    MysqlPreferenceStore preferences;
    ChannelTransport transport;
    Announcer announcer;
    Sender sender;
    service::DeadLetters dead_letters;
    EventsHandler handler;
    NotificationApi api;
    PreferenceApi preference_api;
    std::atomic<bool> began = false;  ///< the database was usable
};

}  // namespace

service::Program program() {
    return {
        .defaults = {.name = "notification-service", .http_port = 8084, .database = "notification_db", .pool_size = 4},
        .configure = [](config::Reader& reader) {
            const Config config = read_config(reader);
            return service::Program::Parts{
                .schema = {.migrations = migrations(), .seed = {}},
                .wire = [config](service::Runtime& runtime) { return std::make_shared<Service>(config, runtime); },
            };
        },
    };
}

}  // namespace platform::notification
