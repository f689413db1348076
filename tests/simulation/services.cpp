#include "tests/simulation/services.hpp"

#include "services/inventory/adapters/order_events_handler.hpp"
#include "services/notification/adapters/events_handler.hpp"
#include "services/notification/domain/sender.hpp"
#include "services/order/adapters/leg_events_handler.hpp"
#include "services/order/domain/committer.hpp"
#include "services/order/domain/sweeper.hpp"
#include "services/payment/adapters/order_events_handler.hpp"
#include "services/payment/domain/process_payments.hpp"
#include "shared/core/uuid.hpp"
#include "shared/kafka/consumer_loop.hpp"
#include "shared/outbox/relay.hpp"
#include "shared/resilience/backoff.hpp"
#include "shared/service/event_batch.hpp"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace platform::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Without jitter, which would come from the operating system; the seed's delays do its work.
resilience::Backoff::Options backoff(Duration initial, Duration ceiling) {
    return {.initial = initial, .ceiling = ceiling, .multiplier = 2.0, .jitter = 0};
}

outbox::Relay::Options relay_options(const World& world, const Process& process) {
    outbox::Relay::Options options;
    options.claim = {
        .owner = process.name() + ":" + std::to_string(process.life()), .lease = 2 * world.settings.message_timeout
    };
    options.backoff = backoff(seconds(1), seconds(10));
    return options;
}

/// What shared/service gives to every service, on simulated ports.
class Runtime {
public:
    Runtime(World& world, Process& process, Database& database)
        : world_(world),
          process_(process),
          ids_(process.clock(), world.random.next() | 1U),
          registry_(process.name()),
          session_(process, database, world.random, world.faults),
          store_(session_),
          producer_(process, world.broker, world.random, world.faults, world.settings.message_timeout),
          relay_(relay_options(world, process), store_, producer_, process.clock(), registry_) {
        // What an earlier process of this instance had claimed is free again.
        if (!database.down) database.release(process.name() + ":");
        relay_.on_work(process.work([this](Instant now) { return relay_.step(now); }));
        (void)process.work([this](Instant now) { return relay_.sweep(now); });
    }

    void consume(const std::string& name, const std::string& group, std::vector<std::string> topics, kafka::BatchHandler& handler) {
        listener_ = std::make_unique<Listener>(*this, name, group, std::move(topics), handler);
        listener_->consumer.on_records(process_.work([this](Instant now) {
            const Duration pause = listener_->loop.step(now);
            return std::max(pause, listener_->consumer.idle());
        }));
    }
    /// In the order of the real one: consumers, then the relay.
    void stop() {
        if (listener_) listener_->loop.close();
        relay_.shut_down(seconds(5));
    }

    [[nodiscard]] World& world() const { return world_; }
    [[nodiscard]] Process& process() const { return process_; }
    [[nodiscard]] const Clock& clock() const { return process_.clock(); }
    [[nodiscard]] UuidGenerator& ids() { return ids_; }
    [[nodiscard]] metrics::Registry& metrics() { return registry_; }
    [[nodiscard]] Session& session() { return session_; }
    [[nodiscard]] outbox::Relay& relay() { return relay_; }
    [[nodiscard]] service::DeadLetters dead_letters(const std::string& group) {
        return {group, ".DLT", world_.no_database, relay_, ids_};
    }

private:
    struct Listener {
        Listener(
            Runtime& runtime, const std::string& name, const std::string& group, std::vector<std::string> topics,
            kafka::BatchHandler& handler
        )
            : consumer(
                  runtime.process_, runtime.world_.broker, runtime.world_.random, runtime.world_.faults, group,
                  std::move(topics)
              ),
              loop(
                  {.name = name,
                   .max_batch = runtime.world_.settings.max_batch,
                   .poll_wait = seconds(1),
                   .backoff = backoff(milliseconds(200), seconds(5))},
                  consumer, handler, runtime.clock(), runtime.registry_
              ) {}
        SimulatedConsumer consumer;
        kafka::ConsumerLoop loop;
    };

    World& world_;
    Process& process_;
    UuidGenerator ids_;
    metrics::Registry registry_;
    Session session_;
    SimulatedOutboxStore store_;
    SimulatedProducer producer_;
    outbox::Relay relay_;
    std::unique_ptr<Listener> listener_;
};

class Order final : public OrderService {
public:
    Order(World& world, Process& process)
        : runtime_(world, process, world.orders),
          store_(runtime_.session(), world.orders, runtime_.relay(), world.settings.stuck_after),
          dead_letters_(runtime_.dead_letters("order-service")),
          legs_(store_, dead_letters_, runtime_.clock(), runtime_.ids(), runtime_.metrics()),
          queue_({}, runtime_.clock()),
          committer_({}, queue_, store_, runtime_.clock(), runtime_.metrics()),
          sweeper_(
              {.interval = seconds(1), .stuck_after = world.settings.stuck_after, .deadline = world.settings.deadline, .page = 100},
              store_, runtime_.clock(), runtime_.ids(), runtime_.metrics(), [this] { return legs_.may_ask(); }
          ) {
        for (int i = 0; i < 2; ++i) {
            wakes_.push_back(process.work([this](Instant now) { return committer_.step(now); }));
        }
        runtime_.consume("order-kafka", "order-service", {"payment.events", "inventory.events"}, legs_);
        (void)process.work([this](Instant now) { return sweeper_.step(now); });
        wake_requests_ = process.work([this](Instant) { return serve(); });
    }
    void stop() override {
        queue_.close();
        runtime_.stop();
    }
    bool place(order::Job& job) override {
        constexpr Duration kOutboxBound = seconds(30);
        if (runtime_.relay().oldest() > kOutboxBound || !queue_.push(job)) return false;
        for (const auto& wake : wakes_) wake();
        return true;
    }
    void request(std::function<void(order::OrderStore&, UuidGenerator&)> work) override {
        requests_.push_back(std::move(work));
        wake_requests_();
    }

private:
    Duration serve() {
        if (requests_.empty()) return std::chrono::hours(1);
        const auto work = std::move(requests_.front());
        requests_.pop_front();
        work(store_, runtime_.ids());
        return Duration{0};
    }

    Runtime runtime_;
    SimulatedOrderStore store_;
    service::DeadLetters dead_letters_;
    order::LegEventsHandler legs_;
    order::AcceptQueue queue_;
    order::Committer committer_;
    order::Sweeper sweeper_;
    std::vector<std::function<void()>> wakes_;
    std::deque<std::function<void(order::OrderStore&, UuidGenerator&)>> requests_;
    std::function<void()> wake_requests_;
};

class Payment final : public Program {
public:
    Payment(World& world, Process& process)
        : runtime_(world, process, world.payments),
          store_(runtime_.session(), world.payments, runtime_.relay()),
          provider_(process, world.bank, world.random, world.faults),
          process_payments_(
              {.retry_pause = world.payments.retry_pause}, store_, provider_, runtime_.clock(), runtime_.ids()
          ),
          dead_letters_(runtime_.dead_letters("payment-service")),
          handler_(process_payments_, dead_letters_) {
        runtime_.consume("payment-kafka", "payment-service", {"order.events"}, handler_);
        (void)process.work([this](Instant) { return process_payments_.sweep(); });
    }
    void stop() override { runtime_.stop(); }

private:
    Runtime runtime_;
    SimulatedPaymentStore store_;
    SimulatedProvider provider_;
    payment::ProcessPayments process_payments_;
    service::DeadLetters dead_letters_;
    payment::OrderEventsHandler handler_;
};

class Inventory final : public Program {
public:
    Inventory(World& world, Process& process)
        : runtime_(world, process, world.stock),
          store_(runtime_.session(), world.stock, runtime_.relay()),
          dead_letters_(runtime_.dead_letters("inventory-service")),
          handler_(store_, dead_letters_, runtime_.clock(), runtime_.ids()) {
        runtime_.consume("inventory-kafka", "inventory-service", {"order.events"}, handler_);
    }
    void stop() override { runtime_.stop(); }

private:
    Runtime runtime_;
    SimulatedInventoryStore store_;
    service::DeadLetters dead_letters_;
    inventory::OrderEventsHandler handler_;
};

notification::Sender::Options sender_options(const World& world) {
    notification::Sender::Options options;
    options.lease = world.settings.message_lease;
    options.backoff = backoff(seconds(1), seconds(30));
    options.blocked = backoff(seconds(1), seconds(15));
    return options;
}

class Notification final : public Program {
public:
    Notification(World& world, Process& process)
        : runtime_(world, process, world.messages),
          store_(runtime_.session(), world.messages, runtime_.relay(), world.mail),
          transport_(process, world.mail, world.random, world.faults),
          announcer_({}, runtime_.clock(), runtime_.ids(), runtime_.metrics()),
          sender_(sender_options(world), store_, transport_, announcer_, runtime_.clock(), runtime_.metrics()),
          dead_letters_(runtime_.dead_letters("notification-service")),
          handler_(
              {.templates = notification::usual_templates(),
               .channel = {.name = std::string(notification::kEmail), .recipient = "all@example.org", .domain = "example.org"}},
              store_,
              preferences_,
              sender_,
              announcer_,
              dead_letters_
          ) {
        sender_.on_work(process.work([this](Instant now) { return sender_.step(now); }));
        runtime_.consume("notification-kafka", "notification-service", {"payment.events", "order.events"}, handler_);
    }
    void stop() override {
        runtime_.stop();
        sender_.release();
    }

private:
    Runtime runtime_;
    SimulatedMessageStore store_;
    SimulatedTransport transport_;
    NoPreferences preferences_;
    notification::Announcer announcer_;
    notification::Sender sender_;
    service::DeadLetters dead_letters_;
    notification::EventsHandler handler_;
};

template <class Service>
void add(World& world, std::vector<std::unique_ptr<Process>>& services, const std::string& name) {
    for (std::size_t i = 0; i < world.settings.replicas; ++i) {
        const Duration skew = world.random.between(-world.settings.worst_skew, world.settings.worst_skew);
        services.push_back(std::make_unique<Process>(
            world.scheduler, world.random, world.faults, name + "-" + std::to_string(i), skew,
            [&world](Process& process) -> std::unique_ptr<Program> { return std::make_unique<Service>(world, process); }
        ));
        services.back()->start();
    }
}

}  // namespace

World::World(std::uint64_t seed, const Settings& given)
    : random(seed),
      settings(given),
      scheduler(random),
      checker(scheduler, given.deadline),
      broker(scheduler, random, faults, checker),
      orders(scheduler, checker),
      payments(scheduler, checker),
      stock(scheduler, checker),
      messages(scheduler, checker),
      bank(checker),
      mail(scheduler, checker, given.message_lease / 4),
      registry("simulation"),
      no_database("none", {}, scheduler.clock(), registry) {
    for (const char* topic : {"order.events", "payment.events", "inventory.events", "notification.events"}) {
        broker.create_topic(topic, 3);
    }
}

void start_services(World& world) {
    add<Order>(world, world.order_services, "order");
    add<Payment>(world, world.other_services, "payment");
    add<Inventory>(world, world.other_services, "inventory");
    add<Notification>(world, world.other_services, "notification");
}

}  // namespace platform::simulation
