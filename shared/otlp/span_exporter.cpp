#include "shared/otlp/span_exporter.hpp"

#include "shared/http/client.hpp"
#include "shared/otlp/span_json.hpp"
#include "shared/runtime/worker.hpp"
#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace platform::otlp {
namespace {

constexpr std::size_t kBatch = 512;
constexpr std::size_t kLongestAnswer = 64 * 1024;

}  // namespace

struct SpanExporter::Impl {
    Impl(Settings given, Origin from, const Clock& time, std::shared_ptr<Tally> counts)
        : settings(std::move(given)), origin(std::move(from)), clock(time), tally(std::move(counts)) {}

    enum class Fate : std::uint8_t { Nothing, Sent, Lost };

    /// From this length on a batch does not wait for its time.
    [[nodiscard]] std::size_t enough() const { return std::min(kBatch, settings.max_queue / 2); }

    std::vector<FinishedSpan> take_batch() {
        const std::lock_guard lock(mutex);
        const auto count = static_cast<std::ptrdiff_t>(std::min(kBatch, queue.size()));
        std::vector<FinishedSpan> batch(
            std::make_move_iterator(queue.begin()), std::make_move_iterator(queue.begin() + count)
        );
        queue.erase(queue.begin(), queue.begin() + count);
        on_the_way = batch.size();
        return batch;
    }

    /// One thread at a time: the worker, or the one that stops when the worker has ended.
    Fate send_batch(Duration limit) {
        const auto batch = take_batch();
        if (batch.empty()) return Fate::Nothing;
        const auto answer = client.send(
            {.method = "POST",
             .url = settings.url,
             .headers = headers(),
             .body = to_json(origin, batch),
             .connect_timeout = limit,
             .timeout = limit,
             .max_response_bytes = kLongestAnswer}
        );
        constexpr int kSuccess = 2;
        const bool taken = answer && answer->status / 100 == kSuccess;
        const std::uint64_t rejected = taken ? std::min<std::uint64_t>(rejected_in(answer->body), batch.size()) : batch.size();
        tally->exported += batch.size() - rejected;
        tally->dropped += rejected;
        report(taken, answer ? "status " + std::to_string(answer->status) : answer.error().what);
        const std::lock_guard lock(mutex);
        on_the_way = 0;
        return taken ? Fate::Sent : Fate::Lost;
    }

    [[nodiscard]] std::vector<std::pair<std::string, std::string>> headers() const {
        auto all = settings.headers;
        all.emplace_back("Content-Type", "application/json");
        return all;
    }

    /// A line when it changes, not for every batch.
    void report(bool taken, const std::string& why) {
        if (std::exchange(healthy, taken) == taken) return;
        if (taken) {
            log::info("the collector takes spans again");
        } else {
            log::warn("the collector does not take spans; they are dropped and counted", {{"url", settings.url}, {"why", why}});
        }
    }

    Duration step() {
        static_cast<void>(send_batch(settings.timeout));
        const std::lock_guard lock(mutex);
        return queue.size() >= enough() ? Duration::zero() : settings.send_pause;
    }

    const Settings settings;
    const Origin origin;
    const Clock& clock;
    const std::shared_ptr<Tally> tally;  // shared with the metrics
    http::Client client;                 // of the one that sends
    bool healthy = true;                 // of the one that sends
    std::mutex mutex;
    std::deque<FinishedSpan> queue;  // guarded by mutex
    std::size_t on_the_way = 0;      // guarded by mutex
    bool closed = false;             // guarded by mutex
    std::unique_ptr<Worker> worker;  // last: it uses all of the above
};

SpanExporter::SpanExporter(Settings settings, Origin origin, const Clock& clock, std::shared_ptr<Tally> tally)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(origin), clock, std::move(tally))) {
    impl_->worker = std::make_unique<Worker>("spans", clock, [impl = impl_.get()](Instant) { return impl->step(); });
}

SpanExporter::~SpanExporter() {
    shut_down(Duration::zero());
}

void SpanExporter::add(FinishedSpan span) {
    bool wake = false;
    {
        const std::lock_guard lock(impl_->mutex);
        if (impl_->closed || impl_->queue.size() + impl_->on_the_way >= impl_->settings.max_queue) {
            ++impl_->tally->dropped;
            return;
        }
        impl_->queue.push_back(std::move(span));
        wake = impl_->queue.size() == impl_->enough();
    }
    if (wake) impl_->worker->wake();
}

void SpanExporter::shut_down(Duration within) {
    Impl& all = *impl_;
    const Instant end = all.clock.now() + within;
    {
        const std::lock_guard lock(all.mutex);
        if (std::exchange(all.closed, true)) return;
    }
    all.worker->stop();
    for (Instant now = all.clock.now(); now < end; now = all.clock.now()) {
        if (all.send_batch(std::min(all.settings.timeout, Duration(end - now))) != Impl::Fate::Sent) break;
    }
    const std::lock_guard lock(all.mutex);
    all.tally->dropped += all.queue.size();
    all.queue.clear();
}

}  // namespace platform::otlp
