#include "shared/outbox/relay.hpp"

#include "shared/core/check.hpp"
#include "shared/core/crash_point.hpp"
#include "shared/outbox/bundle_codec.hpp"
#include "shared/outbox/flights.hpp"
#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace platform::outbox {
namespace {

/// How soon a row is tried again that the producer's full queue has refused.
constexpr Duration kRefusedPause = std::chrono::milliseconds(10);
/// How long step() rests when nothing is due; on_work() ends it.
constexpr Duration kIdle = std::chrono::seconds(1);
/// How soon a failed DELETE is tried again.
constexpr Duration kDeletePause = std::chrono::milliseconds(500);

struct Waiting {
    OutboxRow row;
    Flights::Slot slot = 0;
    Instant since;
};

std::size_t rows_of_table(std::span<const OutboxRow> rows) {
    std::size_t count = 0;
    for (; !rows.empty(); ++count) rows = rows.subspan(size_of_bundle(rows));
    return count;
}

}  // namespace

struct Relay::Impl {
    Impl(
        Options given,
        OutboxStore& outbox_store,
        kafka::Producer& kafka_producer,
        const Clock& time,
        metrics::Registry& registry
    )
        : options(std::move(given)),
          store(outbox_store),
          producer(kafka_producer),
          clock(time),
          backoff(options.backoff),
          rows_gauge(registry.gauge("outbox_rows", "Rows in the outbox, counted up to 10,000")),
          age_gauge(registry.gauge("outbox_oldest_age_seconds", "Age of the oldest row in the outbox")),
          in_flight_gauge(registry.gauge("outbox_in_flight", "Rows sent and not yet acknowledged")),
          sent(registry.counter("outbox_sent_total", "Rows acknowledged by the broker")),
          failed_transient(
              registry.counter("outbox_failed_total", "Rows that could not be sent", {{"kind", "transient"}})
          ),
          failed_invalid(
              registry.counter("outbox_failed_total", "Rows that could not be sent", {{"kind", "invalid"}})
          ),
          left_to_sweeper(
              registry.counter("outbox_left_to_sweeper_total", "Rows that the hand-off queue had no room for")
          ) {
        CHECK(!options.claim.owner.empty(), "a claim names its owner");
        CHECK(
            options.max_in_flight > 0 && options.sweep_page > 0 && options.delete_batch > 0,
            "the bounds leave room"
        );
    }

    // --- sending

    /// Puts records at the end of the queue, row of the table by row of the table, while it has room.
    void enqueue(std::vector<OutboxRow> rows) {
        const Instant now = clock.now();
        const std::scoped_lock guard(mutex);
        std::span<OutboxRow> rest = rows;
        while (!stopping && !rest.empty() && queue.size() < options.max_queue) {
            const auto some = rest.first(size_of_bundle(rest));
            const auto slot = flights.open(some.front().key(), some.front().attempts, some.size());
            for (OutboxRow& row : some) queue.push_back({.row = std::move(row), .slot = slot, .since = now});
            rest = rest.subspan(some.size());
        }
        left_to_sweeper.add(static_cast<double>(rest.size()));
    }

    /// The next row to send, with the token under which its fate will come. Drops rows that waited so long
    /// that their claim may end while they are in flight. Needs `mutex`.
    std::optional<std::pair<Waiting, kafka::Producer::Token>> next_row(Instant now) {
        while (!queue.empty() && now - queue.front().since > options.claim.lease / 2) drop_first();
        if (queue.empty() || flights.in_flight() >= options.max_in_flight) return std::nullopt;
        Waiting next = std::move(queue.front());
        queue.pop_front();
        const auto token = flights.add(next.slot, next.row.id);
        return std::pair(std::move(next), token);
    }

    /// Needs `mutex`.
    void drop_first() {
        if (auto settled = flights.drop(queue.front().slot)) settle(*std::move(settled));
        queue.pop_front();
        left_to_sweeper.add();
    }

    /// A row of the table has no open record any more. Needs `mutex`.
    void settle(Flights::Settled&& settled) {
        if (settled.dropped) return;  // its claim runs out, and the sweeper finds it
        if (!settled.failed.empty()) {
            failures.push_back(std::move(settled));
            return;
        }
#ifndef PLATFORM_MUTANT_OUTBOX_DELETE_BEFORE_ACK
        if (acknowledged.empty()) first_acknowledged = clock.now();
        acknowledged.push_back(settled.row);
#endif
    }

    /// Sends until the queue is empty or a bound is met. Whoever comes while another thread is at it leaves
    /// the work to that one, so rows keep their order and nobody waits. The producer is called without the
    /// mutex.
    void pump() {
        {
            const std::scoped_lock guard(mutex);
            if (pumping) return;
            pumping = true;
        }
        while (true) {
            std::optional<std::pair<Waiting, kafka::Producer::Token>> next;
            {
                const std::scoped_lock guard(mutex);
                next = next_row(clock.now());
                if (!next) {
                    pumping = false;
                    in_flight_gauge.set(static_cast<double>(flights.in_flight()));
                    return;
                }
#ifdef PLATFORM_MUTANT_OUTBOX_DELETE_BEFORE_ACK
                acknowledged.push_back(next->first.row.key());
#endif
            }
            auto sent_off = producer.send(next->first.row.record, next->second);
            crash_point("relay.after_produce");
            if (sent_off) continue;
            const std::scoped_lock guard(mutex);
            if (!retryable(sent_off.error().kind)) {
                if (auto landed = flights.land(next->second, sent_off); landed.settled) {
                    settle(*std::move(landed.settled));
                }
                continue;
            }
            flights.undo(next->second);
            queue.push_front(std::move(next->first));
            refused = true;
            pumping = false;
            return;
        }
    }

    void on_fate(kafka::Producer::Token token, const Result<void>& fate) {
        bool work = false;
        {
            const std::scoped_lock guard(mutex);
            auto landed = flights.land(token, fate);
            if (!landed.known) return;
            const std::size_t acknowledged_before = acknowledged.size();
            const std::size_t failed_before = failures.size();
            if (landed.settled) settle(*std::move(landed.settled));
            const bool to_remove = acknowledged.size() > acknowledged_before &&
                                   (acknowledged_before == 0 || acknowledged.size() == options.delete_batch);
            work = to_remove || (failed_before == 0 && !failures.empty()) || !queue.empty();
        }
        if (fate) sent.add();
        if (work) wake();
    }

    /// Under its mutex, so that shut_down() can be sure that no call is left over.
    void wake() {
        const std::scoped_lock guard(wake_mutex);
        if (wake_worker) wake_worker();
    }

    void set_wake(std::function<void()> wake) {
        const std::scoped_lock guard(wake_mutex);
        wake_worker = std::move(wake);
    }

    void stop() {
        const std::scoped_lock guard(mutex);
        stopping = true;
    }

    /// Sends and flushes for as long as that gets rows off the queue; drops the others, which their claims
    /// will bring back.
    void send_rest(Duration within) {
        const Instant end = clock.now() + within;
        std::size_t before = 0;
        Outstanding left = outstanding();
        do {
            before = left.queued + left.in_flight;
            pump();
            producer.flush(std::max(Duration{0}, end - clock.now()));
            left = outstanding();
        } while (left.queued > 0 && left.queued + left.in_flight < before && clock.now() < end);
        const std::scoped_lock guard(mutex);
        while (!queue.empty()) drop_first();
    }

    struct Outstanding {
        std::size_t queued = 0;
        std::size_t in_flight = 0;
    };
    Outstanding outstanding() {
        const std::scoped_lock guard(mutex);
        return {.queued = queue.size(), .in_flight = flights.in_flight()};
    }

    // --- deleting and backing off; only step() and shut_down()

    /// Takes the acknowledged rows once they are many enough or have waited long enough.
    void collect_acknowledged(Instant now, bool all) {
        const std::scoped_lock guard(mutex);
        const bool due =
            acknowledged.size() >= options.delete_batch || now - first_acknowledged >= options.delete_delay;
        if (acknowledged.empty() || !(due || all)) return;
        to_delete.insert(to_delete.end(), acknowledged.begin(), acknowledged.end());
        acknowledged.clear();
    }

    void delete_collected(Instant now) {
        if (to_delete.empty() || now < delete_not_before) return;
        std::span<const Uuid> rest = to_delete;
        while (!rest.empty()) {
            const auto some = rest.first(std::min(rest.size(), options.delete_batch));
            crash_point("relay.before_delete");
            if (auto removed = store.remove(some); !removed) {
                log::warn("sent outbox rows could not be deleted", {{"why", removed.error().what}});
                delete_not_before = now + kDeletePause;
                break;
            }
            rest = rest.subspan(some.size());
        }
        // What is forgotten here is sent again by the sweeper, which costs a repeat and loses nothing.
        const std::size_t kept = std::min(rest.size(), options.max_queue);
        to_delete.erase(to_delete.begin(), to_delete.end() - static_cast<std::ptrdiff_t>(kept));
    }

    /// Counts what failed, and says what the store has to do about it.
    Setback setback_of(Flights::Settled& row) {
        const bool transient = retryable(row.error->kind);
        const auto count = static_cast<double>(row.failed.size());
        (transient ? failed_transient : failed_invalid).add(count);
        if (!transient) {
            log::error(
                "outbox records cannot be sent",
                {{"outbox_row", row.row.text()}, {"records", row.failed.size()}, {"why", row.error->what}}
            );
        }
        // A row of which nothing arrived is tried again as it is. Of one that arrived in part only the rest stays: a record that
        // can never be sent must not have its neighbours sent again for ever.
        const bool whole = row.all_failed && (transient || row.failed.size() == 1);
        return {
            .id = row.row,
            .pause = transient ? backoff.delay(row.attempts + 1) : options.backoff.ceiling,
            .why = std::move(row.error->what),
            .only = whole ? std::vector<Uuid>{} : std::move(row.failed)
        };
    }

    void settle_failures() {
        std::vector<Flights::Settled> failed;
        {
            const std::scoped_lock guard(mutex);
            failed.swap(failures);
        }
        if (failed.empty()) return;
        std::vector<Setback> setbacks;
        setbacks.reserve(failed.size());
        std::size_t delayed = 0;
        for (Flights::Settled& row : failed) {
            if (retryable(row.error->kind)) delayed += row.failed.size();
            setbacks.push_back(setback_of(row));
        }
        if (delayed > 0)
            log::warn("outbox rows were not sent yet", {{"rows", delayed}, {"why", setbacks.back().why}});
        if (auto done = store.back_off(setbacks); !done) {
            // The claims simply run out.
            log::warn("outbox rows could not be put off", {{"why", done.error().what}});
        }
    }

    Duration next_wake_up(Instant now) {
        const std::scoped_lock guard(mutex);
        Duration wait = kIdle;
        if (refused) wait = kRefusedPause;
        if (!acknowledged.empty()) wait = std::min(wait, first_acknowledged + options.delete_delay - now);
        if (!to_delete.empty()) wait = std::min(wait, delete_not_before - now);
        if (!failures.empty()) wait = Duration{0};
        refused = false;
        in_flight_gauge.set(static_cast<double>(flights.in_flight()));
        return std::max(wait, Duration{0});
    }

    // --- sweeping

    std::size_t room() {
        const std::scoped_lock guard(mutex);
        return stopping || queue.size() >= options.max_queue ? 0 : options.max_queue - queue.size();
    }

    void publish_depth() {
        const auto depth = store.depth();
        if (!depth) return;
        rows_gauge.set(static_cast<double>(depth->rows));
        age_gauge.set(std::chrono::duration<double>(depth->oldest).count());
        oldest = depth->oldest;
    }

    const Options options;
    OutboxStore& store;
    kafka::Producer& producer;
    const Clock& clock;
    resilience::Backoff backoff;
    metrics::Gauge rows_gauge;
    metrics::Gauge age_gauge;
    metrics::Gauge in_flight_gauge;
    metrics::Counter sent;
    metrics::Counter failed_transient;
    metrics::Counter failed_invalid;
    metrics::Counter left_to_sweeper;
    std::atomic<Duration> oldest{Duration{0}};

    std::mutex wake_mutex;
    std::function<void()> wake_worker;  // guarded by wake_mutex

    std::mutex mutex;
    std::deque<Waiting> queue;       // guarded by mutex
    Flights flights;                 // guarded by mutex
    std::vector<Uuid> acknowledged;  // guarded by mutex
    Instant first_acknowledged{};    // guarded by mutex
    std::vector<Flights::Settled> failures;  // guarded by mutex
    bool pumping = false;            // guarded by mutex
    bool refused = false;            // guarded by mutex; the producer's own queue was full
    bool stopping = false;           // guarded by mutex

    std::vector<Uuid> to_delete;  // of the thread of step()
    Instant delete_not_before{};  // of the thread of step()
};

Relay::Relay(
    Options options,
    OutboxStore& store,
    kafka::Producer& producer,
    const Clock& clock,
    metrics::Registry& registry
)
    : impl_(std::make_shared<Impl>(std::move(options), store, producer, clock, registry)) {
    producer.on_delivery([impl = impl_](kafka::Producer::Token token, const Result<void>& fate) {
        impl->on_fate(token, fate);
    });
}

Relay::~Relay() {
    impl_->set_wake(nullptr);
}

const Claim& Relay::claim() const {
    return impl_->options.claim;
}

void Relay::hand_over(std::vector<OutboxRow> rows) {
    if (rows.empty()) return;
    impl_->enqueue(std::move(rows));
    impl_->pump();
    bool work = false;
    {
        const std::scoped_lock guard(impl_->mutex);
        work = impl_->refused || !impl_->failures.empty();
    }
    if (work) impl_->wake();
}

void Relay::on_work(std::function<void()> wake) {
    impl_->set_wake(std::move(wake));
}

Duration Relay::step(Instant now) {
    impl_->pump();
    impl_->collect_acknowledged(now, false);
    impl_->delete_collected(now);
    impl_->settle_failures();
    return impl_->next_wake_up(now);
}

Duration Relay::sweep(Instant /*now*/) {
    bool page_was_full = true;
    while (page_was_full) {
        const std::size_t room = impl_->room();
        if (room == 0) break;
        // Each row of the table may bring kRecordsPerRow records; what the queue has no room for waits for its claim to end.
        const std::size_t limit = std::min(impl_->options.sweep_page, std::max<std::size_t>(1, room / kRecordsPerRow));
        auto rows = impl_->store.claim_expired(limit, impl_->options.claim);
        if (!rows) {
            log::warn("outbox could not be swept", {{"why", rows.error().what}});
            break;
        }
        page_was_full = rows_of_table(*rows) >= limit;
        hand_over(*std::move(rows));
    }
    impl_->publish_depth();
    return impl_->options.sweep_interval;
}

void Relay::shut_down(Duration within) {
    impl_->set_wake(nullptr);
    impl_->stop();
    impl_->send_rest(within - within / 4);  // the last quarter is for deleting and releasing
    impl_->collect_acknowledged(impl_->clock.now(), true);
    impl_->delete_not_before = {};
    impl_->delete_collected(impl_->clock.now());
    impl_->settle_failures();
    if (auto released = impl_->store.release(impl_->options.claim.owner); !released) {
        log::warn("outbox claims could not be released", {{"why", released.error().what}});
    }
}

Duration Relay::oldest() const {
    return impl_->oldest;
}

}  // namespace platform::outbox
