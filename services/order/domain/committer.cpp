#include "services/order/domain/committer.hpp"

#include "shared/telemetry/log.hpp"

#include <set>
#include <utility>

namespace platform::order {
namespace {

constexpr Duration kNothingToDo = std::chrono::hours(1);

/// Leaves the first of each id and key in `jobs` and gives the others: in one statement they would refuse
/// each other.
std::vector<Job*> take_twins(std::vector<Job*>& jobs) {
    std::set<OrderId> ids;
    std::set<IdempotencyKey> keys;
    std::vector<Job*> first;
    std::vector<Job*> twins;
    for (Job* job : jobs) {
        const auto& key = job->order.key;
        const bool is_twin = ids.contains(job->order.order.id) || (key && keys.contains(*key));
        (is_twin ? twins : first).push_back(job);
        ids.insert(job->order.order.id);
        if (key) keys.insert(*key);
    }
    jobs = std::move(first);
    return twins;
}

metrics::Counter counter(metrics::Registry& registry, const char* outcome) {
    return registry.counter("orders_placed_total", "Requests to place an order", {{"outcome", outcome}});
}

}  // namespace

Committer::Committer(
    Options options,
    AcceptQueue& queue,
    OrderStore& store,
    const Clock& clock,
    metrics::Registry& registry
)
    : options_(options),
      queue_(queue),
      store_(store),
      clock_(clock),
      commit_timer_(
          registry.timer("order_commit_seconds", "One batch of orders, from the queue to the answers")
      ),
      placed_(counter(registry, "placed")),
      replayed_(counter(registry, "replayed")),
      refused_(counter(registry, "refused")) {}

Duration Committer::step(Instant /*now*/) {
    auto plain = queue_.take(AcceptQueue::Lane::Plain, options_.batch);
    auto keyed = queue_.take(AcceptQueue::Lane::Keyed, options_.keyed_batch);
    if (plain.empty() && keyed.empty()) return kNothingToDo;
    if (!plain.empty()) place(std::move(plain), false);
    if (!keyed.empty()) place(std::move(keyed), true);
    return Duration::zero();
}

void Committer::place(std::vector<Job> batch, bool keyed) {
    const Instant begin = clock_.now();
    Jobs open;
    open.reserve(batch.size());
    for (Job& job : batch) open.push_back(&job);

    bool look_first = keyed;
    bool unknown = false;
    Error last;
    for (int failures = 0; failures < options_.tries && !open.empty();) {
        Result<void> done;
        if (look_first) done = answer_placed(open);
        if (done && !open.empty()) {
            Jobs twins = take_twins(open);
            done = insert(open);
            if (done) {
                for (Job* job : open) job->answer(Placed{.id = job->order.order.id, .replayed = false});
                placed_.add(static_cast<double>(open.size()));
                open = std::move(twins);
            } else {
                open.insert(open.end(), twins.begin(), twins.end());
            }
            look_first = true;
        }
        if (done) continue;
        last = done.error();
        unknown = unknown || last.outcome_unknown;
#ifdef PLATFORM_MUTANT_COMMIT_UNKNOWN_ASSUMED_FAILED
        if (unknown) return give_up(open, Refused::Unavailable);
#endif
        ++failures;
        if (!retryable(last.kind) && last.kind != ErrorKind::Conflict) break;
        if (keyed && clock_.now() - begin >= options_.key_patience) break;
    }
    commit_timer_.record(clock_.now() - begin);
    if (open.empty()) return;

    log::warn(
        "orders could not be stored",
        {{"orders", open.size()}, {"why", last.what}, {"outcome_unknown", unknown}}
    );
    const bool reachable = answer_placed(open).has_value();
    if (unknown && !reachable) return give_up(open, Refused::OutcomeUnknown);
    if (keyed && reachable && last.kind == ErrorKind::Unavailable) return give_up(open, Refused::InProgress);
    const bool later = retryable(last.kind) || last.kind == ErrorKind::Conflict;
    give_up(open, unknown ? Refused::OutcomeUnknown : later ? Refused::Unavailable : Refused::Failed);
}

Result<void> Committer::insert(const Jobs& jobs) {
    std::vector<NewOrder> orders;
    orders.reserve(jobs.size());
    for (Job* job : jobs) orders.push_back(std::move(job->order));
    auto done = store_.insert(orders);
    for (std::size_t i = 0; i < jobs.size(); ++i) jobs[i]->order = std::move(orders[i]);
    return done;
}

Result<void> Committer::answer_placed(Jobs& open) {
    if (open.empty()) return {};
    std::vector<NewOrder> wanted;
    wanted.reserve(open.size());
    for (Job* job : open) wanted.push_back(job->order);
    auto found = store_.find_placed(wanted);
    if (!found) return fail(std::move(found).error());

    Jobs left;
    for (std::size_t i = 0; i < open.size(); ++i) {
        const auto& stored = (*found)[i];
        Job* job = open[i];
        if (!stored) {
            left.push_back(job);
        } else if (stored->content == job->order.order.content) {
            replayed_.add();
            job->answer(Placed{.id = stored->id, .replayed = true});
        } else {
            refused_.add();
            job->answer(std::unexpected(job->order.key ? Refused::KeyReused : Refused::IdReused));
        }
    }
    open = std::move(left);
    return {};
}

void Committer::give_up(const Jobs& open, Refused why) {
    for (Job* job : open) job->answer(std::unexpected(why));
    refused_.add(static_cast<double>(open.size()));
}

}  // namespace platform::order
