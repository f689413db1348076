#include "operator/control/work_queue.hpp"

#include <algorithm>

namespace platform::control {

WorkQueue::WorkQueue(const Clock& clock, metrics::Registry& registry, const std::string& name)
    : clock_(clock),
      depth_(registry.gauge("workqueue_depth", "Keys that wait.", {{"name", name}})),
      adds_(registry.counter("workqueue_adds_total", "Additions of keys.", {{"name", name}})),
      retries_(registry.counter("workqueue_retries_total", "Additions after a failure.", {{"name", name}})) {}

void WorkQueue::put(const std::string& key, Instant due) {
    auto& queue = working_.contains(key) ? due_after_ : due_;
    const auto [entry, fresh] = queue.try_emplace(key, due);
    if (!fresh) entry->second = std::min(entry->second, due);
    depth_.set(static_cast<double>(due_.size()));
}

void WorkQueue::add(const std::string& key) {
    add_after(key, Duration::zero());
}

void WorkQueue::add_after(const std::string& key, Duration delay) {
    {
        const std::lock_guard lock(mutex_);
        put(key, clock_.now() + delay);
    }
    adds_.add();
    wake_();
}

void WorkQueue::add_failed(const std::string& key) {
    {
        const std::lock_guard lock(mutex_);
        Duration delay = kFirstDelay;
        const int failures = failures_[key]++;
        for (int i = 0; i < failures && delay < kLongestDelay; ++i) delay *= 2;
        put(key, clock_.now() + std::min(delay, kLongestDelay));
    }
    retries_.add();
    wake_();
}

void WorkQueue::forget_failures(const std::string& key) {
    const std::lock_guard lock(mutex_);
    failures_.erase(key);
}

std::optional<std::string> WorkQueue::take() {
    const std::lock_guard lock(mutex_);
    const auto first = std::ranges::min_element(due_, {}, [](const auto& entry) { return entry.second; });
    if (first == due_.end() || first->second > clock_.now()) return std::nullopt;
    std::string key = first->first;
    due_.erase(first);
    working_.insert(key);
    depth_.set(static_cast<double>(due_.size()));
    return key;
}

void WorkQueue::done(const std::string& key) {
    const std::lock_guard lock(mutex_);
    working_.erase(key);
    const auto waiting = due_after_.extract(key);
    if (!waiting.empty()) put(key, waiting.mapped());
}

std::optional<Duration> WorkQueue::next_due() const {
    const std::lock_guard lock(mutex_);
    const auto first = std::ranges::min_element(due_, {}, [](const auto& entry) { return entry.second; });
    if (first == due_.end()) return std::nullopt;
    return std::max(first->second - clock_.now(), Duration::zero());
}

std::size_t WorkQueue::size() const {
    const std::lock_guard lock(mutex_);
    return due_.size() + due_after_.size();
}

}  // namespace platform::control
