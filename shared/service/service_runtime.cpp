#include "shared/service/service_runtime.hpp"

#include "shared/core/check.hpp"
#include "shared/core/pause.hpp"
#include "shared/http/actuator.hpp"
#include "shared/http/resilience_endpoints.hpp"
#include "shared/http/traced.hpp"
#include "shared/kafka/consumer.hpp"
#include "shared/kafka/producer.hpp"
#include "shared/otlp/otlp_recorder.hpp"
#include "shared/outbox/inbox.hpp"
#include "shared/outbox/mysql_outbox_store.hpp"
#include "shared/runtime/shutdown.hpp"
#include "shared/runtime/stop_signals.hpp"
#include "shared/service/dead_letter_endpoints.hpp"
#include "shared/service/readers.hpp"
#include "shared/service/subscription.hpp"
#include "shared/service/task.hpp"
#include "shared/telemetry/certificate_expiry.hpp"
#include "shared/telemetry/log.hpp"

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <set>
#include <utility>

namespace platform::service {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// One thread tries one batch at a time: few calls tell, one is enough to try again, and healing must not take long.
resilience::CircuitBreaker::Options usual_breaker() {
    return {
        .sliding_window_size = 10,
        .minimum_number_of_calls = 5,
        .wait_duration_in_open_state = seconds(2),
        .permitted_number_of_calls_in_half_open_state = 1,
    };
}

resilience::Retry::Options usual_retry() {
    constexpr double kDouble = 2;
    return {
        .wait_duration = milliseconds(200),
        .enable_exponential_backoff = true,
        .exponential_backoff_multiplier = kDouble,
        .exponential_max_wait_duration = seconds(5),
        .enable_randomized_wait = true,
        .without_limit = true,
    };
}

kafka::ConsumerLoop::Options loop_options(const Subscription& subscription) {
    kafka::ConsumerLoop::Options options;
    options.name = subscription.name;
    options.max_batch = subscription.reading.max_batch;
    options.linger = subscription.reading.linger;
    options.quiet = subscription.reading.quiet;
    options.trim = subscription.reading.trim;
    options.topics = subscription.topics;
    options.retry = subscription.retry;
    options.breaker = subscription.breaker;
    return options;
}

/// The end of a pod's name is what differs between pods of one service.
std::string claim_name(const Settings& settings) {
    constexpr std::size_t kLongestName = 27;
    const auto& name = settings.instance_id;
    return name.size() <= kLongestName ? name : name.substr(name.size() - kLongestName);
}

/// Unique per process start, at most 64 characters: the claims of a process that died must not be taken for
/// ours.
std::string owner_of(const Settings& settings, UuidGenerator& ids) {
    return claim_name(settings) + ":" + ids.next().text();
}

outbox::Relay::Options relay_options(const Settings& settings, UuidGenerator& ids) {
    outbox::Relay::Options options;
    options.claim.owner = owner_of(settings, ids);
    options.claim.lease = 2 * settings.kafka_message_timeout;
    return options;
}

std::unique_ptr<kafka::Producer>
make_producer(const Settings& settings, const tracing::Tracer& tracer, metrics::Registry& registry) {
    kafka::ProducerOptions options;
    options.bootstrap_servers = settings.kafka_bootstrap_servers;
    options.client_id = settings.instance_id;
    options.message_timeout = settings.kafka_message_timeout;
    options.tracer = &tracer;
    options.extra = settings.kafka_security.properties();
    return kafka::make_producer(options, settings.topics.order, registry);
}

/// A large batch leaves free pieces behind all over the heap, which the allocator keeps: seven eighths of the order service's after a load.
Duration give_memory_back() {
    ::malloc_trim(0);
    return std::chrono::seconds(2);
}

}  // namespace

Result<int> migrate(const Settings& settings, const Schema& schema) {
    auto session = mysql::Session::connect(settings.mysql_ddl);
    if (!session) return fail(std::move(session).error());
    auto done = mysql::migrate(**session, schema.migrations);
    if (done && schema.seed) {
        if (auto seeded = schema.seed(**session); !seeded) return fail(std::move(seeded).error());
    }
    return done;
}

struct Runtime::Impl {
    Impl(Settings given, Schema tables, const Clock& time)
        : settings(std::move(given)),
          schema(std::move(tables)),
          clock(time),
          ids(time),
          registry(settings.name),
          tracer(otlp::make_tracer(settings.tracing, {.service = settings.name, .instance = settings.instance_id}, time, registry)),
          kit(settings.resilience, time, registry),
          pool(settings.name, settings.mysql, time, registry),
          producer(make_producer(settings, tracer, registry)),
          outbox(outbox::make_mysql_outbox_store(pool)),
          relay(relay_options(settings, ids), *outbox, *producer, time, registry),
          http(settings.http, time, registry),
          management(settings.management, time, registry),
          actuator(http, management, health, registry, settings.name) {
        metrics::export_expiry(registry, clock, "mysql", settings.mysql.tls_ca);
        metrics::export_expiry(registry, clock, "kafka", settings.kafka_security.ca_file);
    }

    void add_health_checks();
    void add_admin(Runtime& runtime);
    [[nodiscard]] std::vector<std::string> topics() const;
    Duration purge_inbox();
    Duration prepare();
    Result<void> prepare_database();
    void begin_work();
    void stop_tasks(Stage stage);
    void stop_consumers();
    void wait_drain_delay();

    const Settings settings;
    const Schema schema;
    const Clock& clock;
    UuidGenerator ids;
    metrics::Registry registry;
    tracing::Tracer tracer;
    resilience::Kit kit;
    Health health;
    mysql::Pool pool;
    std::unique_ptr<kafka::Producer> producer;
    std::unique_ptr<outbox::OutboxStore> outbox;
    outbox::Relay relay;
    http::Server http;
    http::Server management;
    http::Actuator actuator;

    std::vector<std::unique_ptr<Task>> tasks;                  // fixed at start()
    std::vector<std::unique_ptr<Subscription>> subscriptions;  // fixed at start()
    std::function<void()> on_drained;
    std::unique_ptr<Readers> admins;  // one thread: operators' requests
    std::unique_ptr<DeadLetterEndpoints> dead_letters;

    std::atomic<bool> started{false};
    std::atomic<bool> failed{false};
    bool stopped = false;     // only stop() touches it
    int tries = 0;            // of the starter alone
    Instant waiting_since{};  // of the starter alone
    Task relay_sender{
        .name = "outbox-relay",
        .stage = Stage::Background,
        .step = {},
        .mutex = {},
        .worker = {}
    };
    Task relay_sweeper{
        .name = "outbox-sweep",
        .stage = Stage::Background,
        .step = {},
        .mutex = {},
        .worker = {}
    };
    std::unique_ptr<Worker> starter;
};

void Runtime::Impl::add_health_checks() {
    health.add("db", [this] {
        return Health::Component{.up = pool.reachable(), .details = {{"database", "MySQL"}}};
    });
    health.add("kafka", [this] {
        int failures = 0;
        for (const auto& one : subscriptions) failures = std::max(failures, one->failures.load());
        constexpr int kPatience = 3;
        return Health::Component{
            .up = producer->ready() && failures < kPatience,
            .details =
                {{"producer", producer->ready() ? "ready" : "connecting"},
                 {"consumerFailuresInARow", std::to_string(failures)}}
        };
    });
    health.add("outbox", [this] {
        const Duration oldest = relay.oldest();
        const auto age = std::chrono::duration_cast<seconds>(oldest).count();
        return Health::Component{
            .up = oldest < settings.outbox_bound, .details = {{"oldestSeconds", std::to_string(age)}}
        };
    });
}

void Runtime::Impl::add_admin(Runtime& runtime) {
    admins = std::make_unique<Readers>(runtime, "admin", Readers::Options{.threads = 1, .max_queue = 16});
    http::declare_resilience(http, management, kit);
    dead_letters = std::make_unique<DeadLetterEndpoints>(
        http,
        management,
        DeadLetterEndpoints::Parts{
            .settings = settings,
            .pool = pool,
            .relay = relay,
            .ids = ids,
            .clock = clock,
            .workers = *admins,
            .topics = [this] { return topics(); }
        }
    );
}

/// All that the main group reads, each one once.
std::vector<std::string> Runtime::Impl::topics() const {
    std::set<std::string> names;
    for (const auto& one : subscriptions) {
        if (one->reading.group.empty()) names.insert(one->topics.begin(), one->topics.end());
    }
    return {names.begin(), names.end()};
}

/// A page at a time, so that no statement holds many rows. A handled event is remembered for longer than a topic keeps its records.
Duration Runtime::Impl::purge_inbox() {
    constexpr std::size_t kPage = 1000;
    auto lease = pool.acquire();
    auto purged = lease ? outbox::purge_inbox(**lease, settings.inbox_retention, kPage)
                        : Result<std::uint64_t>(fail(lease.error()));
    if (!purged) log::warn("old inbox rows could not be purged", {{"why", purged.error().what}});
    return purged && *purged == kPage ? Duration(milliseconds(100)) : Duration(std::chrono::minutes(5));
}

Result<void> Runtime::Impl::prepare_database() {
    if (settings.migrate_on_start) {
        auto ran = migrate(settings, schema);
        if (!ran) return fail(std::move(ran).error());
        if (*ran > 0) log::info("the schema was migrated", {{"statements", *ran}});
    }
    auto lease = pool.acquire();
    if (!lease) return fail(std::move(lease).error());
    return mysql::verify_schema(**lease, schema.migrations).and_then([&] {
        return outbox::release_predecessors(**lease, claim_name(settings));
    });
}

/// Runs on the starter's thread until everything is up.
Duration Runtime::Impl::prepare() {
    constexpr Duration kForever = std::chrono::hours(1);
    if (!started) {
        if (auto ready = prepare_database(); !ready) {
            const bool retry = retryable(ready.error().kind);
            ++tries;
            if (retry) {
                if (tries == 1 || tries % 20 == 0) {
                    log::warn("waiting for the database", {{"why", ready.error().what}, {"tries", tries}});
                }
                return milliseconds(500);
            }
            log::error("the database cannot be used; the process stops", {{"why", ready.error().what}});
            failed = true;
            StopSignals::request();
            return kForever;
        }
        begin_work();
        started = true;
        waiting_since = clock.now();
    }
    // The first record of a fresh producer takes a second, so it is warm before the first order comes.
    // Without Kafka for longer the service works all the same: events wait in the outbox.
    constexpr Duration kWarmUp = seconds(10);
    if (!producer->ready()) {
        if (clock.now() - waiting_since < kWarmUp) return milliseconds(10);
        log::warn(
            "ready without Kafka; events wait in the outbox", {{"servers", settings.kafka_bootstrap_servers}}
        );
    }
    health.set_ready(true);
    log::info("ready", {{"http_port", http.port()}, {"management_port", management.port()}, {"instance", settings.instance_id}});
    return kForever;
}

void Runtime::Impl::begin_work() {
    relay_sender.begin(clock);
    relay_sweeper.begin(clock);
    for (const auto& task : tasks) task->begin(clock);
    for (const auto& one : subscriptions) {
        kafka::ConsumerOptions options;
        options.bootstrap_servers = settings.kafka_bootstrap_servers;
        const bool main_group = one->reading.group.empty();
        options.client_id = main_group ? settings.instance_id : settings.instance_id + "-" + one->name;
        options.group = main_group ? settings.kafka_group : one->reading.group;
        options.topics = one->topics;
        options.extra = settings.kafka_security.properties();
        one->consumer = kafka::make_consumer(options, registry);
        kafka::ConsumerLoop::Options how = loop_options(*one);
        how.group = options.group;
        if (main_group) how.tracer = &tracer;  // a copy made for reading is no step of an order
        one->loop = std::make_unique<kafka::ConsumerLoop>(std::move(how), *one->consumer, *one->handler, clock, registry);
        one->worker = std::make_unique<Worker>(one->name, clock, [subscription = one.get()](Instant now) {
            const Duration pause = subscription->loop->step(now);
            subscription->failures = subscription->loop->failures_in_a_row();
            return pause;
        });
    }
}

void Runtime::Impl::stop_tasks(Stage stage) {
    for (const auto& task : tasks) {
        if (task->stage == stage) task->end();
    }
}

/// At the same time: each waits for a batch and then for the broker to take leave.
void Runtime::Impl::stop_consumers() {
    std::vector<std::future<void>> leaving;
    for (const auto& one : subscriptions) {
        leaving.push_back(std::async(std::launch::async, [&one] { one->leave(); }));
    }
    for (auto& each : leaving) each.get();
}

void Runtime::Impl::wait_drain_delay() {
    if (started) pause(settings.drain_delay);
}

Runtime::Runtime(Settings settings, Schema schema, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(schema), clock)) {
    impl_->add_health_checks();
    impl_->add_admin(*this);
    impl_->relay_sender.step = [this](Instant now) { return impl_->relay.step(now); };
    impl_->relay_sweeper.step = [this](Instant now) { return impl_->relay.sweep(now); };
    impl_->relay.on_work([this] { impl_->relay_sender.wake(); });
    (void)work("memory", Stage::Background, [](Instant) { return give_memory_back(); });
    (void)work("inbox-purge", Stage::Background, [this](Instant) { return impl_->purge_inbox(); });
}

Runtime::~Runtime() {
    stop();
}

const Settings& Runtime::settings() const {
    return impl_->settings;
}
const Clock& Runtime::clock() const {
    return impl_->clock;
}
UuidGenerator& Runtime::ids() {
    return impl_->ids;
}
metrics::Registry& Runtime::metrics() {
    return impl_->registry;
}
Health& Runtime::health() {
    return impl_->health;
}
mysql::Pool& Runtime::pool() {
    return impl_->pool;
}
outbox::Relay& Runtime::relay() {
    return impl_->relay;
}
http::Server& Runtime::http() {
    return impl_->http;
}
const tracing::Tracer& Runtime::tracer() const {
    return impl_->tracer;
}
resilience::Kit& Runtime::resilience() {
    return impl_->kit;
}
http::Server& Runtime::management() {
    return impl_->management;
}

void Runtime::serve(const std::string& method, const std::string& path, http::Handler handler) {
    impl_->http.route(method, path, http::traced(impl_->tracer, std::move(handler)));
}

std::function<void()> Runtime::work(std::string name, Stage stage, Worker::Step step) {
    CHECK(!impl_->starter, "a service is wired before it is started");
    impl_->tasks.push_back(std::make_unique<Task>(std::move(name), stage, std::move(step)));
    return [task = impl_->tasks.back().get()] { task->wake(); };
}

void Runtime::consume(
    std::string name,
    std::vector<std::string> topics,
    kafka::BatchHandler& handler,
    Reading reading
) {
    CHECK(!impl_->starter, "a service is wired before it is started");
    auto one = std::make_unique<Subscription>();
    one->name = std::move(name);
    one->topics = std::move(topics);
    one->handler = &handler;
    one->retry = &impl_->kit.retry(one->name, usual_retry());
    one->breaker = &impl_->kit.circuit_breaker(one->name, usual_breaker());
    one->reading = std::move(reading);
    impl_->subscriptions.push_back(std::move(one));
}

void Runtime::consume(std::string name, std::vector<std::string> topics, kafka::BatchHandler& handler) {
    consume(std::move(name), std::move(topics), handler, Reading{});
}

void Runtime::on_drained(std::function<void()> action) {
    impl_->on_drained = std::move(action);
}

void Runtime::start() {
    CHECK(!impl_->starter, "a service is started once");
    impl_->kit.finish();
    http::add_breakers_health(impl_->health, impl_->kit);
    impl_->management.start();
    impl_->http.start();
    impl_->starter = std::make_unique<Worker>("start", impl_->clock, [this](Instant) {
        try {
            return impl_->prepare();
        } catch (...) {
            impl_->failed = true;  // the worker logs it and asks the process to stop
            throw;
        }
    });
}

bool Runtime::started() const {
    return impl_->started;
}

bool Runtime::failed() const {
    return impl_->failed;
}

void Runtime::stop() {
    if (impl_->stopped) return;
    impl_->stopped = true;
    Impl& all = *impl_;
    Shutdown order(all.clock);
    order.then("start", [&all](Duration) { all.starter.reset(); });
    order.then("http", [&all](Duration left) {
        all.health.set_ready(false);
        all.wait_drain_delay();
        all.http.drain(left / 2);
        all.management.drain(Duration::zero());
        if (all.on_drained) all.on_drained();
        all.stop_tasks(Stage::Requests);
        all.http.stop();
        all.management.stop();
    });
    order.then("consumers", [&all](Duration) {
        all.stop_consumers();
        all.stop_tasks(Stage::Background);
    });
    order.then("relay", [&all](Duration left) {
        all.relay_sweeper.end();
        all.relay_sender.end();
        all.relay.shut_down(left);
    });
    order.then("traces", [&all](Duration left) { all.tracer.shut_down(left); });
    order.run(all.settings.shutdown_budget);
}

}  // namespace platform::service
