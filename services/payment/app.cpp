#include "services/payment/app.hpp"

#include "services/payment/adapters/mysql_payment_store.hpp"
#include "services/payment/adapters/order_events_handler.hpp"
#include "services/payment/adapters/payment_api.hpp"
#include "services/payment/adapters/simulated_provider.hpp"
#include "services/payment/config.hpp"
#include "services/payment/migrations/migrations.hpp"

#include <memory>

namespace platform::payment {
namespace {

/// Everything that this service adds to the runtime, in start order.
struct Service {
    Service(const Config& config, service::Runtime& runtime)
        : store(
              {.group = runtime.settings().kafka_group,
               .topic = runtime.settings().topics.payment,
               .retry_pause = config.process.retry_pause,
               .refused_refund_pause = std::chrono::minutes(1)},
              runtime.pool(),
              runtime.relay()
          ),
          provider({.declined_price = config.declined_price}),
          process(config.process, store, provider, runtime.clock(), runtime.ids()),
          dead_letters(
              runtime.settings().kafka_group,
              runtime.settings().topics.dead_letter_suffix,
              runtime.pool(),
              runtime.relay(),
              runtime.ids()
          ),
          handler(process, dead_letters),
          api(store, runtime) {
        runtime.consume("payment-kafka", {runtime.settings().topics.order}, handler);
        (void)runtime.work("payment-sweeper", service::Runtime::Stage::Background, [this](Instant) {
            return process.sweep();
        });
    }

    MysqlPaymentStore store;
    SimulatedProvider provider;
    ProcessPayments process;
    service::DeadLetters dead_letters;
    OrderEventsHandler handler;
    PaymentApi api;
};

}  // namespace

service::Program program() {
    return {
        .defaults = {.name = "payment-service", .http_port = 8082, .database = "payments_db", .pool_size = 4},
        .configure = [](config::Reader& reader) {
            const Config config = read_config(reader);
            return service::Program::Parts{
                .schema = {.migrations = migrations(), .seed = {}},
                .wire = [config](service::Runtime& runtime) { return std::make_shared<Service>(config, runtime); },
            };
        },
    };
}

}  // namespace platform::payment
