#include "tests/simulation/simulation.hpp"

#include "tests/simulation/customers.hpp"
#include "tests/simulation/services.hpp"
#include "tests/simulation/world.hpp"

#include <array>
#include <functional>
#include <utility>

namespace platform::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// The load comes within this time, the disasters as well; then everything heals and has to come to rest.
constexpr Duration kLoad = minutes(3);
constexpr Duration kLongestRest = std::chrono::hours(6);

/// How bad a kind of fault is in this run: often absent, so that faults meet in all combinations.
double severity(Random& random) {
    constexpr std::array kLevels{0.0, 0.0, 0.3, 1.0, 3.0};
    return kLevels[random.below(kLevels.size())];
}

Faults faults_of(Random& random) {
    Faults faults;
    faults.interleave = 0.02 + 0.1 * severity(random);
    faults.crash = 0.0003 * severity(random);
    faults.stall = 0.0003 * severity(random);
    faults.longest_stall = random.chance(0.5) ? seconds(1) : seconds(15);
    faults.refused = 0.01 * severity(random);
    faults.rolled_back = faults.refused;
    faults.unknown = 0.01 * severity(random);
    faults.send_lost = 0.01 * severity(random);
    faults.ack_lost = 0.01 * severity(random);
    faults.sent_twice = 0.02 * severity(random);
    faults.overtaken = 0.3 * severity(random);
    faults.queue_full = 0.01 * severity(random);
    faults.poll_failed = 0.01 * severity(random);
    faults.commit_failed = 0.03 * severity(random);
    faults.worst_network = random.chance(0.5) ? milliseconds(50) : seconds(10);
    faults.request_lost = 0.02 * severity(random);
    faults.answer_lost = 0.02 * severity(random);
    faults.refund_refused = 0.1 * severity(random);
    return faults;
}

Settings settings_of(Random& random) {
    Settings settings;
    settings.replicas = 1 + random.below(3);
    settings.max_batch = 1 + random.below(100);
    settings.stuck_after = random.chance(0.5) ? seconds(2) : seconds(10);
    settings.deadline = random.chance(0.5) ? seconds(20) : minutes(5);
    settings.worst_skew = random.chance(0.3) ? Duration(minutes(10)) : Duration(milliseconds(50));
    return settings;
}

class Run {
public:
    Run(const Options& options, Random seeds)
        : options_(options), world_(seeds.next(), settings_of(seeds)), customers_(world_) {
        world_.faults = faults_of(seeds);
        world_.bank.voids = seeds.chance(0.5);
        world_.bank.finds = seeds.chance(0.5);
        world_.bank.declined_price = Money::of_units(99'999'900);
    }

    Report run() {
        seed_stock(world_);
        start_services(world_);
        customers_.come(options_.orders, kLoad);
        plan_disasters();
        world_.scheduler.after(kLoad, [this] { heal(); });
        world_.scheduler.run_for(kLoad);
        rest();
        return report();
    }

private:
    /// Calls `disaster` some times at random moments of the load.
    void now_and_then(std::uint64_t most, const std::function<void()>& disaster) {
        Random& random = world_.random;
        for (std::uint64_t i = random.chance(0.5) ? 0 : random.below(most + 1); i > 0; --i) {
            world_.scheduler.after(random.between(Duration{0}, kLoad), disaster);
        }
    }
    void outages(std::uint64_t most, bool& down) {
        now_and_then(most, [this, &down] {
            down = true;
            const Duration time = world_.random.delay(seconds(2), seconds(60));
            world_.scheduler.after(time, [&down] { down = false; });
        });
    }
    [[nodiscard]] Process& any_process() {
        const std::size_t orders = world_.order_services.size();
        const std::size_t place = world_.random.below(orders + world_.other_services.size());
        return place < orders ? *world_.order_services[place] : *world_.other_services[place - orders];
    }

    void plan_disasters() {
        outages(3, world_.broker.down);
        outages(2, world_.orders.down);
        outages(2, world_.payments.down);
        outages(2, world_.stock.down);
        outages(2, world_.messages.down);
        outages(2, world_.bank.down);
        outages(2, world_.mail.down);
        now_and_then(20, [this] { any_process().kill(); });
        now_and_then(10, [this] { any_process().terminate(); });
        now_and_then(10, [this] { world_.broker.rebalance(); });
        now_and_then(1, [this] { world_.broker.replay(); });
        now_and_then(2, [this] { forget_inboxes(); });
        if (world_.random.chance(0.3)) now_and_then(3, [this] { lose_answers(); });
    }

    /// The broker loses what the order service, whose database is away, has not read yet.
    void lose_answers() {
        constexpr std::size_t kMost = 50;
        world_.orders.down = true;
        world_.scheduler.after(world_.random.between(seconds(1), seconds(10)), [this] {
            world_.checker.tail_lost();
            world_.broker.lose_tail("payment.events", kMost);
            world_.broker.lose_tail("inventory.events", kMost);
            world_.orders.down = false;
        });
    }

    /// The inbox is the first line; behind it nothing happens twice either.
    void forget_inboxes() {
        world_.orders.forget_inbox();
        world_.payments.forget_inbox();
        world_.stock.forget_inbox();
    }

    void heal() {
        world_.faults.calm();
        world_.checker.healed(world_.settings.worst_skew < seconds(1));
        for (bool* down :
             {&world_.broker.down, &world_.orders.down, &world_.payments.down, &world_.stock.down,
              &world_.messages.down, &world_.bank.down, &world_.mail.down}) {
            *down = false;
        }
    }

    [[nodiscard]] std::string restless() const {
        if (!customers_.gone()) return "customers wait for answers";
        if (world_.checker.open_orders()) return "orders are open";
        for (const Database* database : std::array<const Database*, 4>{
                 &world_.orders, &world_.payments, &world_.stock, &world_.messages
             }) {
            if (!database->outbox_is_empty()) return "an outbox is not empty";
        }
        if (!world_.broker.all_read()) return "records are not read";
        if (!world_.messages.all_settled()) return "messages are not sent";
        return "";
    }

    void rest() {
        const Instant end = world_.scheduler.now() + kLongestRest;
        while (!world_.scheduler.ended() && !restless().empty()) {
            if (world_.scheduler.now() > end) return world_.checker.violate("no rest: " + restless());
            world_.scheduler.run_for(seconds(1));
        }
        if (world_.scheduler.ended()) return;
        world_.stock.check_ledger();
        world_.checker.at_the_end();
    }

    [[nodiscard]] Report report() const {
        Report report;
        report.violation = world_.checker.violation();
        report.orders = world_.checker.orders();
        report.records = world_.broker.records();
        report.steps = world_.scheduler.steps();
        for (const auto* services : {&world_.order_services, &world_.other_services}) {
            for (const auto& process : *services) report.crashes += process->life() / 2;
        }
        report.trace = world_.checker.trace();
        report.simulated_seconds = std::chrono::duration<double>(world_.scheduler.now() - begun_).count();
        return report;
    }

    const Options options_;
    World world_;
    Customers customers_;
    const Instant begun_ = world_.scheduler.now();
};

}  // namespace

Report simulate(const Options& options) {
    return Run(options, Random(options.seed)).run();
}

}  // namespace platform::simulation
