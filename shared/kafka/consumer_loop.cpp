#include "shared/kafka/consumer_loop.hpp"

#include "shared/core/crash_point.hpp"
#include "shared/kafka/process_spans.hpp"
#include "shared/kafka/record_scope.hpp"
#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace platform::kafka {
namespace {

TopicPartition partition_of(const Record& record) {
    return {.topic = record.topic, .partition = record.partition};
}

/// Only where it stands: enough to commit.
Record position_of(const Record& record) {
    return Record{
        .topic = record.topic,
        .partition = record.partition,
        .offset = record.offset,
        .timestamp_millis = -1,
        .key = {},
        .value = {},
        .headers = {},
    };
}

/// One line a record, for who switches the level on for a while.
void tell(const std::string& listener, std::span<const Record> applied) {
    for (const Record& record : applied) {
        const RecordScope scope(record);
        log::debug(
            "kafka record applied",
            {{"listener", listener}, {"topic", record.topic}, {"partition", record.partition}, {"offset", record.offset}}
        );
    }
}

}  // namespace

ConsumerLoop::ConsumerLoop(
    Options options,
    Consumer& consumer,
    BatchHandler& handler,
    const Clock& clock,
    metrics::Registry& registry
)
    : options_(std::move(options)),
      consumer_(consumer),
      handler_(handler),
      clock_(clock),
      registry_(registry),
      backoff_(options_.backoff),
      success_timer_(registry.timer(
          "spring_kafka_listener_seconds",
          "Time to apply a batch.",
          {{"name", options_.name}, {"result", "success"}}
      )),
      failure_timer_(registry.timer(
          "spring_kafka_listener_seconds",
          "Time to apply a batch.",
          {{"name", options_.name}, {"result", "failure"}}
      )),
      applied_(registry.counter(
          "kafka_listener_records_total",
          "Records by their fate.",
          {{"name", options_.name}, {"result", "applied"}}
      )),
      retried_(registry.counter(
          "kafka_listener_records_total",
          "Records by their fate.",
          {{"name", options_.name}, {"result", "retried"}}
      )),
      dead_lettered_(registry.counter(
          "kafka_listener_records_total",
          "Records by their fate.",
          {{"name", options_.name}, {"result", "dead_lettered"}}
      )),
      commits_failed_(registry.counter(
          "kafka_listener_commits_failed_total",
          "Offset commits to be repeated.",
          {{"name", options_.name}}
      )) {
    // An increase is seen only of a series that was there before.
    for (const std::string& topic : options_.topics) static_cast<void>(dead_letters_of(topic));
}

Duration ConsumerLoop::step(Instant now) {
    const Duration wait = std::max(Duration{0}, std::min({options_.poll_wait, resume_due(now), commit_due()}));
    auto polled = consumer_.poll(options_.max_batch - gathered_.size(), wait);
    if (!polled) {
        log::warn("kafka poll failed", {{"listener", options_.name}, {"error", polled.error().what}});
        return options_.poll_wait;
    }
    if (gather(*std::move(polled))) {
        std::vector<Record> batch = std::exchange(gathered_, {});
        settle(batch);
    }
    if (commit_due() <= Duration::zero()) commit();
    return Duration::zero();
}

bool ConsumerLoop::gather(std::vector<Record> polled) {
    if (options_.trim) std::ranges::for_each(polled, options_.trim);
    const Instant now = clock_.now();
    if (!polled.empty()) gathered_last_ = now;
    if (gathered_.empty()) {
        gathered_since_ = now;
        gathered_ = std::move(polled);
    } else {
        std::ranges::move(polled, std::back_inserter(gathered_));
    }
    if (gathered_.empty()) return false;
    const bool waited = now - gathered_since_ >= options_.linger || (options_.quiet > Duration{0} && now - gathered_last_ >= options_.quiet);
    return gathered_.size() >= options_.max_batch || waited;
}

void ConsumerLoop::close() {
    commit();
    consumer_.close();
}

void ConsumerLoop::settle(std::span<Record> batch) {
#ifdef PLATFORM_MUTANT_OFFSET_BEFORE_COMMIT
    note(batch);
    commit();
#endif
    crash_point("consumer.after_poll");
    if (options_.breaker != nullptr && !options_.breaker->try_acquire()) {
        hold(batch);
        return;
    }
    ProcessSpans spans(options_.tracer, options_.group, batch);
    auto applied = apply(batch);
    if (applied) {
        applied_.add(static_cast<double>(batch.size()));
        crash_point("consumer.before_offset_commit");
        succeeded(batch);
        if (log::threshold() == log::Level::Debug) tell(options_.name, batch);
        return;
    }
#ifdef PLATFORM_MUTANT_DLT_ON_TRANSIENT
    applied.error().kind = ErrorKind::Internal;
#endif
    if (retryable(applied.error().kind)) {
        spans.fail(applied.error());
        retry_later(batch, applied.error());
        return;
    }
    Error why;
    const std::size_t settled = settle_singly(batch, spans, std::move(applied).error(), why);
    succeeded(batch.first(settled));
    if (settled < batch.size()) retry_later(batch.subspan(settled), why);
}

/// A permanent failure says nothing about the services that the handler needs.
Result<void> ConsumerLoop::apply(std::span<const Record> batch) {
    const Instant started = clock_.now();
    auto applied = handler_.apply(batch);
    const Duration took = clock_.now() - started;
    (applied ? success_timer_ : failure_timer_).record(took);
    auto* breaker = options_.breaker;
    if (breaker == nullptr) return applied;
    if (!applied && !retryable(applied.error().kind)) {
        breaker->ignored(took);
        return applied;
    }
    applied ? breaker->succeeded(took) : breaker->failed(took);
    if (applied && held_ && breaker->snapshot().state == resilience::CircuitBreaker::State::Closed) {
        held_ = false;
        log::info("kafka partitions go on; the circuit breaker has closed", {{"listener", options_.name}});
        for (auto& [partition, trouble] : troubled_) trouble.paused_until = Instant::min();
    }
    return applied;
}

void ConsumerLoop::hold(std::span<const Record> batch) {
    constexpr Duration kLookAgain = std::chrono::seconds(1);  // at a breaker that opens by hand alone
    const Duration open_for = options_.breaker->snapshot().open_for;
    const Instant until = clock_.now() + (open_for > Duration::zero() ? open_for : kLookAgain);
    std::map<TopicPartition, const Record*> firsts;
    for (const Record& record : batch) firsts.try_emplace(partition_of(record), &record);
    for (const auto& [partition, first] : firsts) {
        Trouble& trouble = troubled_[partition];
        trouble.paused_until = until;
        trouble.paused = true;
        consumer_.rewind_and_pause(*first);
    }
    if (!std::exchange(held_, true)) {
        log::warn("kafka partitions paused; the circuit breaker is open", {{"listener", options_.name}});
    }
}

std::size_t ConsumerLoop::settle_singly(std::span<const Record> batch, ProcessSpans& spans, Error why_together, Error& why) {
    for (std::size_t at = 0; at < batch.size(); ++at) {
        const Record& record = batch[at];
        const RecordScope scope(record);
        // A batch of one has been tried alone already.
        Result<void> fate =
            batch.size() == 1 ? fail(std::move(why_together)) : handler_.apply(batch.subspan(at, 1));
        if (fate) {
            applied_.add();
            continue;
        }
        spans.fail(at, fate.error());
        if (!retryable(fate.error().kind)) {
            const Error poison = std::move(fate).error();
            fate = handler_.dead_letter(record, poison);
            if (fate) {
                dead_lettered_.add();
                dead_letters_of(record.topic).add();
                log::error(
                    "kafka record dead-lettered",
                    {{"listener", options_.name},
                     {"topic", record.topic},
                     {"partition", record.partition},
                     {"offset", record.offset},
                     {"kind", to_string(poison.kind)},
                     {"error", poison.what}}
                );
                continue;
            }
        }
        why = std::move(fate).error();
        return at;
    }
    return batch.size();
}

metrics::Counter ConsumerLoop::dead_letters_of(const std::string& topic) {
    return registry_.counter(
        "kafka_listener_dead_letters_total",
        "Records put aside, by the topic that they came from.",
        {{"name", options_.name}, {"topic", topic}}
    );
}

void ConsumerLoop::retry_later(std::span<const Record> batch, const Error& why) {
    retried_.add(static_cast<double>(batch.size()));
    const Instant now = clock_.now();
    std::map<TopicPartition, const Record*> firsts;
    for (const Record& record : batch) firsts.try_emplace(partition_of(record), &record);
    for (const auto& [partition, first] : firsts) {
        Trouble& trouble = troubled_[partition];
        ++trouble.failures;
        const Duration pause = pause_after(trouble.failures);
        trouble.paused_until = now + pause;
        trouble.paused = true;
        consumer_.rewind_and_pause(*first);
        log::warn(
            "kafka partition paused; its records will be tried again",
            {{"listener", options_.name},
             {"topic", partition.topic},
             {"partition", partition.partition},
             {"offset", first->offset},
             {"failures", trouble.failures},
             {"pause_ms", std::chrono::duration_cast<std::chrono::milliseconds>(pause).count()},
             {"kind", to_string(why.kind)},
             {"error", why.what}}
        );
    }
    count_failures();
}

Duration ConsumerLoop::pause_after(int failures) {
    return options_.retry != nullptr ? options_.retry->wait(failures) : backoff_.delay(failures);
}

void ConsumerLoop::succeeded(std::span<const Record> batch) {
    if (batch.empty()) return;
    int tries = 1;
    if (!troubled_.empty()) {
        for (const Record& record : batch) {
            const auto found = troubled_.find(partition_of(record));
            if (found == troubled_.end()) continue;
            tries = std::max(tries, 1 + found->second.failures);
            troubled_.erase(found);
        }
        count_failures();
    }
    if (options_.retry != nullptr) options_.retry->done(tries, true);
#ifndef PLATFORM_MUTANT_OFFSET_BEFORE_COMMIT
    note(batch);
#endif
}

Duration ConsumerLoop::resume_due(Instant now) {
    Duration next = Duration::max();
    if (troubled_.empty()) return next;
    const auto held = consumer_.assignment();
    // A partition that has gone to another member is that member's trouble.
    std::erase_if(troubled_, [&](const auto& entry) {
        return std::ranges::find(held, entry.first) == held.end();
    });
    for (auto& [partition, trouble] : troubled_) {
        if (!trouble.paused) continue;
        if (trouble.paused_until > now) {
            next = std::min(next, Duration{trouble.paused_until - now});
            continue;
        }
        trouble.paused = false;
        consumer_.resume(partition);
    }
    count_failures();
    return next;
}

void ConsumerLoop::note(std::span<const Record> batch) {
    if (uncommitted_.empty()) uncommitted_since_ = clock_.now();
    // Batches are in order within a partition, so its last record tells; the last of a row of neighbours is
    // enough.
    for (std::size_t at = 0; at < batch.size(); ++at) {
        const Record& record = batch[at];
        const bool last_of_row = at + 1 == batch.size() || batch[at + 1].partition != record.partition ||
                                 batch[at + 1].topic != record.topic;
        if (last_of_row) uncommitted_.insert_or_assign(partition_of(record), position_of(record));
    }
}

Duration ConsumerLoop::commit_due() const {
    if (uncommitted_.empty()) return Duration::max();
    return uncommitted_since_ + options_.commit_pace - clock_.now();
}

void ConsumerLoop::commit() {
    if (uncommitted_.empty()) return;
    std::vector<Record> positions;
    positions.reserve(uncommitted_.size());
    for (const auto& [partition, position] : uncommitted_) positions.push_back(position);
    const auto committed = consumer_.commit(positions);
    if (committed) {
        uncommitted_.clear();
        return;
    }
    commits_failed_.add();
    uncommitted_since_ = clock_.now();
    log::warn(
        "kafka offsets not committed; they will be with the next ones",
        {{"listener", options_.name},
         {"kind", to_string(committed.error().kind)},
         {"error", committed.error().what}}
    );
}

void ConsumerLoop::count_failures() {
    int worst = 0;
    for (const auto& [partition, trouble] : troubled_) worst = std::max(worst, trouble.failures);
    failures_ = worst;
}

}  // namespace platform::kafka
