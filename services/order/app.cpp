#include "services/order/app.hpp"

#include "services/order/adapters/leg_events_handler.hpp"
#include "services/order/adapters/mysql_order_store.hpp"
#include "services/order/adapters/order_api.hpp"
#include "services/order/adapters/order_read_api.hpp"
#include "services/order/config.hpp"
#include "services/order/migrations/migrations.hpp"
#include "shared/telemetry/log.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace platform::order {
namespace {

using Stage = service::Runtime::Stage;

/// Everything that this service adds to the runtime, in start order.
class Service {
public:
    Service(const Config& config, service::Runtime& runtime)
        : store_(store_options(config, runtime.settings()), runtime.pool(), runtime.relay()),
          dead_letters_(
              runtime.settings().kafka_group,
              runtime.settings().topics.dead_letter_suffix,
              runtime.pool(),
              runtime.relay(),
              runtime.ids()
          ),
          legs_(store_, dead_letters_, runtime.clock(), runtime.ids(), runtime.metrics()),
          queue_(config.queue, runtime.clock()),
          committer_(config.committer, queue_, store_, runtime.clock(), runtime.metrics()),
          sweeper_(
              config.sweeper,
              store_,
              runtime.clock(),
              runtime.ids(),
              runtime.metrics(),
              [this] { return legs_.behind(); }
          ),
          waits_(
              config.waits,
              store_,
              runtime.clock(),
              runtime.metrics(),
              [&runtime] { return !runtime.health().ready(); }
          ),
          readers_(runtime, "order-reader"),
          api_(config.default_currency, queue_, store_, readers_, runtime, [this] { wake_committers(); }),
          read_api_(store_, waits_, readers_, runtime) {
        store_.on_change([this](std::span<const OrderId> ids) { waits_.changed(ids); });
        waits_.on_work(runtime.work("order-waits", Stage::Requests, [this](Instant now) {
            return waits_.step(now);
        }));
        const auto& topics = runtime.settings().topics;
        for (std::size_t i = 0; i < config.committers; ++i) {
            wakes_.push_back(runtime.work(
                "committer-" + std::to_string(i),
                Stage::Requests,
                [this](Instant now) { return committer_.step(now); }
            ));
        }
        runtime.on_drained([this] {
            queue_.close();
            waits_.close();
        });
        runtime.metrics().gauge_from("order_accept_queue", "Orders that wait to be stored", {}, [this] {
            return static_cast<double>(queue_.size());
        });
        runtime.consume("order-kafka", {topics.payment, topics.inventory}, legs_);
        (void
        )runtime.work("order-sweeper", Stage::Background, [this](Instant now) { return sweeper_.step(now); });
        (void)runtime.work("key-purge", Stage::Background, [this, keep = config.key_retention](Instant) {
            return purge_keys(keep);
        });
    }

private:
    static MysqlOrderStore::Options store_options(const Config& config, const service::Settings& settings) {
        MysqlOrderStore::Options options;
        options.group = settings.kafka_group;
        options.topics = settings.topics;
        options.first_look = config.sweeper.stuck_after;
        options.lock_wait = settings.mysql.lock_wait_timeout;
        return options;
    }

    /// All of them: the one that is free takes what has come, also while another one waits for the disk.
    void wake_committers() {
        for (const auto& wake : wakes_) wake();
    }

    Duration purge_keys(Duration keep) {
        constexpr std::size_t kPage = 1000;
        const auto purged = store_.purge_keys(keep, kPage);
        if (!purged) log::warn("old idempotency keys could not be purged", {{"why", purged.error().what}});
        const bool more = purged && *purged == kPage;
        return more ? Duration(std::chrono::seconds(1)) : Duration(std::chrono::minutes(5));
    }

    MysqlOrderStore store_;
    service::DeadLetters dead_letters_;
    LegEventsHandler legs_;
    AcceptQueue queue_;
    Committer committer_;
    Sweeper sweeper_;
    std::vector<std::function<void()>> wakes_;
    OrderWaits waits_;
    service::Readers readers_;
    OrderApi api_;
    OrderReadApi read_api_;
};

}  // namespace

service::Program program() {
    return {
        .defaults = {.name = "order-service", .http_port = 8081, .database = "orders_db", .pool_size = 8},
        .configure =
            [](config::Reader& reader) {
                const Config config = read_config(reader);
                return service::Program::Parts{
                    .schema = {.migrations = migrations(), .seed = {}},
                    .wire = [config](service::Runtime& runtime
                            ) { return std::make_shared<Service>(config, runtime); },
                };
            },
    };
}

}  // namespace platform::order
