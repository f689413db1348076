#include "services/order/app.hpp"

#include "services/order/adapters/admin_api.hpp"
#include "services/order/adapters/catalogue_handler.hpp"
#include "services/order/adapters/leg_events_handler.hpp"
#include "services/order/adapters/mysql_order_store.hpp"
#include "services/order/adapters/mysql_price_store.hpp"
#include "services/order/adapters/mysql_timeline_store.hpp"
#include "services/order/adapters/order_api.hpp"
#include "services/order/adapters/order_read_api.hpp"
#include "services/order/adapters/re_emit.hpp"
#include "services/order/adapters/timeline_handler.hpp"
#include "services/order/adapters/timeline_record.hpp"
#include "services/order/config.hpp"
#include "services/order/domain/saga_metrics.hpp"
#include "services/order/migrations/migrations.hpp"
#include "shared/core/pause.hpp"
#include "shared/core/time_text.hpp"
#include "shared/telemetry/log.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace platform::order {
namespace {

using Stage = service::Runtime::Stage;

/// Everything that this service adds to the runtime, in start order.
class Service {
public:
    Service(const Config& config, service::Runtime& runtime)
        : store_(store_options(config, runtime.settings()), runtime.pool(), runtime.relay()),
          dead_letters_(runtime),
          saga_metrics_(runtime.metrics()),
          legs_(store_, dead_letters_, runtime.clock(), runtime.ids(), runtime.metrics()),
          price_store_(runtime.pool()),
          catalogue_(price_store_, prices_, legs_),
          queue_(config.queue, runtime.clock()),
          committer_(config.committer, queue_, store_, runtime.clock(), runtime.metrics()),
          sweeper_(
              config.sweeper,
              store_,
              runtime.clock(),
              runtime.ids(),
              runtime.metrics(),
              [this] { return legs_.may_ask(); }
          ),
          waits_(
              config.waits,
              store_,
              runtime.clock(),
              runtime.metrics(),
              [&runtime] { return !runtime.health().ready(); }
          ),
          readers_(runtime, "order-reader"),
          api_(config.default_currency, config.pricing.verify ? &prices_ : nullptr, queue_, store_, readers_, runtime, [this] { wake_committers(); }),
          timelines_(runtime.pool()),
          timeline_(timelines_, runtime.metrics()),
          read_api_(store_, waits_, timelines_, config.timeline.on, readers_, runtime),
          admin_api_(store_, readers_, runtime) {
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
        runtime.consume("order-kafka", {topics.payment, topics.inventory}, catalogue_);
        (void
        )runtime.work("order-sweeper", Stage::Background, [this](Instant now) { return sweeper_.step(now); });
        (void)runtime.work("order-purge", Stage::Background, [this, config](Instant) { return purge(config); });
        if (config.pricing.verify) {
            (void)runtime.work("order-prices", Stage::Background, [this, config](Instant) { return refresh(config); });
        }
        (void)runtime.work("order-gauges", Stage::Background, [this](Instant) { return count(); });
        if (config.timeline.on) {
            constexpr std::size_t kRecords = 20'000;  // trimmed, some 350 bytes each
            constexpr Duration kQuiet = std::chrono::milliseconds(500);
            runtime.consume(
                "order-timeline",
                {topics.order, topics.payment, topics.inventory, topics.notification},
                timeline_,
                {.group = config.timeline.group,
                 .max_batch = kRecords,
                 .linger = config.timeline.pace,
                 .quiet = kQuiet,
                 .trim = trim_for_timeline}
            );
        }
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

    /// A page of each, so that no statement holds many rows.
    Duration purge(const Config& config) {
        constexpr std::size_t kPage = 1000;
        const auto keys = store_.purge_keys(config.key_retention, kPage);
        const auto timelines = timelines_.purge(config.timeline.retention, kPage);
        if (!keys) log::warn("old idempotency keys could not be purged", {{"why", keys.error().what}});
        if (!timelines) log::warn("old timelines could not be purged", {{"why", timelines.error().what}});
        const bool more = keys.value_or(0) == kPage || timelines.value_or(0) == kPage;
        return more ? Duration(std::chrono::seconds(1)) : Duration(std::chrono::minutes(5));
    }

    Duration refresh(const Config& config) {
        const auto done = price_store_.refresh(prices_);
        if (!done) log::warn("prices could not be looked up; the last ones hold", {{"why", done.error().what}});
        return config.pricing.refresh;
    }

    Duration count() {
        constexpr Duration kPause = std::chrono::seconds(15);
        const auto counts = store_.count_open();
        if (!counts) {
            log::warn("open orders could not be counted", {{"why", counts.error().what}});
            return kPause;
        }
        saga_metrics_.open(*counts);
        return kPause;
    }

    MysqlOrderStore store_;
    service::DeadLetters dead_letters_;
    SagaMetrics saga_metrics_;
    LegEventsHandler legs_;
    MysqlPriceStore price_store_;
    PriceBook prices_;
    CatalogueHandler catalogue_;
    AcceptQueue queue_;
    Committer committer_;
    Sweeper sweeper_;
    std::vector<std::function<void()>> wakes_;
    OrderWaits waits_;
    service::Readers readers_;
    OrderApi api_;
    MysqlTimelineStore timelines_;
    TimelineHandler timeline_;
    OrderReadApi read_api_;
    AdminApi admin_api_;
};

/// `order --re-emit --from <time> --to <time>`: docs/recovery.md.
Result<std::string> re_emit(const service::Settings& settings, const service::Program::Command::Values& values) {
    const auto from = parse_rfc3339(values.at("--from"));
    const auto to = parse_rfc3339(values.at("--to"));
    if (!from || !to || *from >= *to)
        return fail(ErrorKind::Invalid, "--from and --to are times like 2026-11-22T10:00:00Z, one before the other");
    auto session = mysql::Session::connect(settings.mysql);
    if (!session) return fail(std::move(session).error());
    const SystemClock clock;
    UuidGenerator ids(clock);
    ReEmit job(**session, settings.topics, ids, {.from = *from, .to = *to});
    for (;;) {
        const auto crowded = job.crowded();
        if (!crowded) return fail(crowded.error());
        if (*crowded) {
            pause(std::chrono::seconds(1));  // until the running service has sent some
            continue;
        }
        const auto more = job.step();
        if (!more) return fail(more.error());
        if (!*more) return std::to_string(job.events()) + " events are in the outbox of " + settings.mysql.database;
    }
}

}  // namespace

service::Program program() {
    return {
        .defaults = {.name = "order-service", .http_port = 8081, .database = "orders_db", .pool_size = 10},
        .configure =
            [](config::Reader& reader) {
                const Config config = read_config(reader);
                return service::Program::Parts{
                    .schema = {.migrations = migrations(), .seed = {}},
                    .wire = [config](service::Runtime& runtime
                            ) { return std::make_shared<Service>(config, runtime); },
                    .commands = {{.name = "--re-emit", .options = {"--from", "--to"}, .run = re_emit}},
                };
            },
    };
}

}  // namespace platform::order
