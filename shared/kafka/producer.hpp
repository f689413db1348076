#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/kafka/record.hpp"
#include "shared/telemetry/metrics.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace platform::tracing {
class Tracer;
}

namespace platform::kafka {

/// Port: sends records and reports each one's fate exactly once. Thread-safe.
class Producer {
public:
    using Token = std::uint64_t;  ///< chosen by the caller, given back with the fate
    /// Runs on a thread of the producer; must not block long. An error's kind is Unavailable or Timeout (try again), or Invalid
    /// (this record can never be sent: too large, unknown topic by policy).
    using DeliveryListener = std::function<void(Token, const Result<void>&)>;

    Producer() = default;
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;
    virtual ~Producer() = default;

    /// Set once, before the first send.
    virtual void on_delivery(DeliveryListener listener) = 0;
    /// Queues a record. Errors: Unavailable (the local queue is full), Invalid. After an error the listener is not called for it.
    [[nodiscard]] virtual Result<void> send(const OutgoingRecord& record, Token token) = 0;
    /// Waits until every queued record has met its fate, or `within` has passed.
    virtual void flush(Duration within) = 0;
    /// True once the broker has answered and the idempotent producer has its id.
    [[nodiscard]] virtual bool ready() const = 0;
};

struct ProducerOptions {
    std::string bootstrap_servers;  ///< host:port,...
    std::string client_id;
    Duration linger{0};  ///< how long a record waits for others; without it they gather while requests are under way (docs/performance.md)
    Duration message_timeout = std::chrono::seconds(30);
    std::int64_t queue_max_messages = 100'000;
    std::map<std::string, std::string> extra;  ///< further librdkafka properties (security)
    /// Records of a recorded trace get a span, from send() to their fate, and travel with its traceparent. Null = none.
    const tracing::Tracer* tracer = nullptr;
};

/// librdkafka: idempotent, acks=all, partitioner=murmur2_random, lz4. Rebuilds itself after a fatal error (records in flight then fail with Unavailable).
/// `warm_up_topic`: its metadata is fetched and the producer id acquired in the background from construction on, since the first record of a fresh
/// idempotent producer takes about a second. Throws std::runtime_error on an unusable option.
[[nodiscard]] std::unique_ptr<Producer> make_producer(
    const ProducerOptions& options, const std::string& warm_up_topic, metrics::Registry& registry
);

}  // namespace platform::kafka
