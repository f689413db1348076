#pragma once
#include "shared/telemetry/metrics.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace platform::metrics {

/// The timers of one metric by what tells them apart, for hot paths: one that was seen before is found by reading alone, without a lock. `Key` is a
/// std::tuple of strings and numbers from bounded sets, since nothing is ever taken out. Thread-safe.
template <class Key>
class TimerTable {
public:
    TimerTable() = default;
    TimerTable(const TimerTable&) = delete;
    TimerTable& operator=(const TimerTable&) = delete;
    ~TimerTable() {
        for (auto& bucket : buckets_) {
            for (std::unique_ptr<const Node> node(bucket.load()); node;) node.reset(node->next);
        }
    }

    /// The timer of `key`, a tuple like Key with views in the place of strings. `make` gives the timer of a key that is new; threads that come with the
    /// same new key at once may each call it, and it has to give them the same timer, as Registry::timer() does.
    template <class View, class Make>
    [[nodiscard]] Timer get(const View& key, Make make) {
        std::atomic<const Node*>& bucket = buckets_[hash(key) % kBuckets];
        const Node* first = bucket.load(std::memory_order_acquire);
        if (const Node* known = find(first, key)) return known->timer;
        auto node = std::make_unique<Node>(Node{.key = Key(key), .timer = make(), .next = first});
        // A node never changes once it can be seen, so whoever has read the first one reads all behind it.
        while (!bucket.compare_exchange_weak(node->next, node.get(), std::memory_order_release, std::memory_order_acquire)) {
            if (const Node* known = find(node->next, key)) return known->timer;
        }
        return node.release()->timer;
    }

private:
    struct Node {
        Key key;
        Timer timer;
        const Node* next;
    };
    static constexpr std::size_t kBuckets = 64;  // a service answers with a few dozen combinations of route and status

    template <class View>
    static const Node* find(const Node* node, const View& key) {
        while (node != nullptr && node->key != key) node = node->next;
        return node;
    }
    template <class View>
    static std::size_t hash(const View& key) {
        constexpr std::size_t kFactor = 31;
        std::size_t sum = 0;
        const auto add = [&sum](const auto& part) { sum = sum * kFactor + std::hash<std::remove_cvref_t<decltype(part)>>{}(part); };
        std::apply([&add](const auto&... parts) { (add(parts), ...); }, key);
        return sum;
    }

    std::array<std::atomic<const Node*>, kBuckets> buckets_{};  // each the newest node of a list
};

}  // namespace platform::metrics
