#include "services/payment/app.hpp"

#include "services/payment/adapters/crew.hpp"
#include "services/payment/adapters/http_provider.hpp"
#include "services/payment/adapters/mysql_payment_store.hpp"
#include "services/payment/adapters/order_events_handler.hpp"
#include "services/payment/adapters/payment_api.hpp"
#include "services/payment/adapters/simulated_provider.hpp"
#include "services/payment/config.hpp"
#include "services/payment/migrations/migrations.hpp"
#include "shared/resilience/circuit_breaker.hpp"

#include <chrono>
#include <functional>
#include <memory>

namespace platform::payment {
namespace {

/// Unless resilience4j.circuitbreaker.instances.payment-provider says otherwise.
constexpr resilience::CircuitBreaker::Options kUsualBreaker{
    .sliding_window_size = 20,
    .minimum_number_of_calls = 10,
    .wait_duration_in_open_state = std::chrono::seconds(5),
    .permitted_number_of_calls_in_half_open_state = 3,
};

std::unique_ptr<PaymentProvider> make_provider(const Config& config, service::Runtime& runtime) {
    if (!config.over_http) return std::make_unique<SimulatedProvider>(config.simulator, runtime.clock());
    auto& breaker = runtime.resilience().circuit_breaker("payment-provider", kUsualBreaker);
    return std::make_unique<HttpProvider>(config.http, breaker, runtime.clock(), runtime.metrics());
}

/// A provider that takes no time is asked by the thread that has the batch.
std::size_t concurrency_of(const Config& config) {
    const bool takes_time = config.over_http || config.simulator.latency > Duration::zero();
    return takes_time ? config.concurrency : 1;
}

/// Everything that this service adds to the runtime, in start order.
struct Service {
    Service(const Config& config, service::Runtime& runtime)
        : store(
              {.group = runtime.settings().kafka_group,
               .topic = runtime.settings().topics.payment,
               .retry_pause = config.process.retry_pause,
               .failed_refund_pause = config.failed_refund_pause},
              runtime.pool(),
              runtime.relay()
          ),
          provider(make_provider(config, runtime)),
          crew(concurrency_of(config)),
          process(
              config.process,
              store,
              *provider,
              runtime.clock(),
              runtime.ids(),
              [this](std::size_t count, const std::function<void(std::size_t)>& body) { crew.for_each(count, body); }
          ),
          dead_letters(runtime),
          handler(process, dead_letters),
          api(store, runtime) {
        runtime.consume("payment-kafka", {runtime.settings().topics.order}, handler);
        (void)runtime.work("payment-sweeper", service::Runtime::Stage::Background, [this](Instant) {
            return process.sweep();
        });
    }

    MysqlPaymentStore store;
    std::unique_ptr<PaymentProvider> provider;
    Crew crew;
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
