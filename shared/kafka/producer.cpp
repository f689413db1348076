#include "shared/kafka/producer.hpp"

#include "shared/kafka/native.hpp"
#include "shared/kafka/send_spans.hpp"
#include "shared/telemetry/log.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <format>
#include <mutex>
#include <shared_mutex>
#include <stop_token>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace platform::kafka {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPollWait = 100ms;      // how long a stop waits at most
constexpr Duration kMetadataWait = 250ms;  // of one try of the warm-up
constexpr Duration kPurgeWait = 5s;
constexpr Duration kRebuildPause = 1s;

native::Properties properties_of(const ProducerOptions& options) {
    native::Properties own{
        {"enable.idempotence", "true"},
        {"acks", "all"},
        {"partitioner", "murmur2_random"},
        {"compression.codec", "lz4"},
        {"linger.ms", std::format("{}", std::chrono::duration<double, std::milli>(options.linger).count())},
        {"message.timeout.ms", std::to_string(native::to_millis(options.message_timeout))},
        {"queue.buffering.max.messages", std::to_string(options.queue_max_messages)},
        {"queue.buffering.max.kbytes", "16384"},  // bounds the memory of a service whose broker is away
        {"retry.backoff.ms", "50"},
    };
    native::Properties all =
        native::merged(options.bootstrap_servers, options.client_id, std::move(own), options.extra);
    // The only public sign that the producer id has arrived is a line of this log context (native.cpp); it is
    // silent otherwise.
    auto& debug = all["debug"];
    debug = debug.empty() ? "eos" : debug + ",eos";
    return all;
}

/// Denied is Invalid here: the row is kept and tried rarely, and the alert fires.
Error delivery_error(int code, std::string_view doing) {
    Error error = native::to_error(code, doing);
    if (error.kind != ErrorKind::Timeout && !retryable(error.kind)) error.kind = ErrorKind::Invalid;
    return error;
}

struct FreeHeaders {
    void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
};
using HeaderList = std::unique_ptr<rd_kafka_headers_t, FreeHeaders>;

/// `traceparent` stands in for the one among the headers, unless it is empty.
HeaderList to_list(const Headers& headers, const std::string& traceparent) {
    if (headers.empty()) return nullptr;
    HeaderList list{rd_kafka_headers_new(headers.size())};
    for (const auto& [name, own] : headers) {
        const std::string& value = traceparent.empty() || name != "traceparent" ? own : traceparent;
        rd_kafka_header_add(
            list.get(),
            name.data(),
            static_cast<ssize_t>(name.size()),
            value.data(),
            static_cast<ssize_t>(value.size())
        );
    }
    return list;
}

/// Thread-safe. The poll thread serves deliveries and replaces the client after a fatal error.
class IdempotentProducer final : public Producer, private native::Observer {
public:
    IdempotentProducer(const ProducerOptions& options, std::string warm_up_topic, metrics::Registry& registry)
        : properties_(properties_of(options)),
          warm_up_topic_(std::move(warm_up_topic)),
          sent_(registry.counter(
              "kafka_producer_record_send_total",
              "Records acknowledged by the broker.",
              {{"client_id", options.client_id}}
          )),
          failed_(registry.counter(
              "kafka_producer_record_error_total",
              "Records that were not delivered.",
              {{"client_id", options.client_id}}
          )),
          rebuilt_(registry.counter(
              "kafka_producer_rebuild_total",
              "New clients after a fatal error.",
              {{"client_id", options.client_id}}
          )),
          acknowledged_(template_timer(registry, "success")),
          lost_(template_timer(registry, "failure")),
          spans_(options.tracer, options.client_id),
          client_(open()),
          poller_([this](const std::stop_token& stop) { run(stop); }) {}

    void on_delivery(DeliveryListener listener) override { listener_ = std::move(listener); }

    Result<void> send(const OutgoingRecord& record, Token token) override {
        HeaderList headers = to_list(record.headers, spans_.begin(record, token));
        rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
        {
            const std::shared_lock lock{client_mutex_};
            if (!client_ || fatal_) {
                Error error{.kind = ErrorKind::Unavailable, .what = "kafka: the producer is being made again"};
                spans_.refused(token, error);
                return fail(std::move(error));
            }
            in_flight_.fetch_add(1);
            code = produce(record, headers.get(), token);
        }
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            static_cast<void>(headers.release());  // the record owns them now
            return {};
        }
        met_fate();
        if (code == RD_KAFKA_RESP_ERR__FATAL) fatal_ = true;
        Error error = delivery_error(code, "queue a record for " + record.topic);
        spans_.refused(token, error);
        return fail(std::move(error));
    }

    void flush(Duration within) override {
        std::unique_lock lock{idle_mutex_};
        idle_.wait_for(lock, within, [this] { return in_flight_ == 0; });
    }

    bool ready() const override { return broker_answered_ && has_id_ && !fatal_; }

private:
    native::Client open() {
        native::Config config{properties_, *this};
        rd_kafka_conf_set_dr_msg_cb(
            config.get(),
            [](rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
                static_cast<IdempotentProducer*>(static_cast<native::Observer*>(opaque))->delivered(*message);
            }
        );
        return config.open(native::Role::Producer);
    }

    rd_kafka_resp_err_t produce(const OutgoingRecord& record, rd_kafka_headers_t* headers, Token token) {
        // The key and the value are only read: MSG_F_COPY.
        auto* key = const_cast<char*>(record.key.data());
        auto* value = const_cast<char*>(record.value.data());
        return rd_kafka_producev(
            client_.get(),
            RD_KAFKA_V_TOPIC(record.topic.c_str()),
            RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_KEY(key, record.key.size()),
            RD_KAFKA_V_VALUE(value, record.value.size()),
            RD_KAFKA_V_HEADERS(headers),
            RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(token)),
            RD_KAFKA_V_END
        );
    }

    static metrics::Timer template_timer(metrics::Registry& registry, const char* result) {
        return registry.timer(
            "spring_kafka_template_seconds",
            "From the sending of a record to what became of it.",
            {{"name", "kafkaTemplate"}, {"result", result}}
        );
    }

    void delivered(const rd_kafka_message_t& message) {
        const bool good = message.err == RD_KAFKA_RESP_ERR_NO_ERROR;
        const std::chrono::microseconds took{std::max<std::int64_t>(0, rd_kafka_message_latency(&message))};  // -1: never sent
        (good ? acknowledged_ : lost_).record(took);
        Result<void> fate;
        if (!good) {
            Error error = delivery_error(message.err, "deliver a record");
            error.outcome_unknown = rd_kafka_message_status(&message) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
            fate = fail(std::move(error));
            failed_.add();
        } else {
            sent_.add();
        }
        const auto token = reinterpret_cast<Token>(message._private);
        spans_.delivered(token, message.partition, message.offset, fate);  // before the listener, who may use the token anew
        if (listener_) listener_(token, fate);
        met_fate();
    }

    void met_fate() {
        if (in_flight_.fetch_sub(1) != 1) return;
        const std::scoped_lock lock{idle_mutex_};
        idle_.notify_all();
    }

    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            if (fatal_) rebuild(stop);
            if (!client_) continue;
            if (!broker_answered_) broker_answered_ = ask_metadata();
            rd_kafka_poll(client_.get(), native::to_millis(kPollWait));
        }
        if (client_) settle_all(client_.get());
    }

    /// Connects, and puts the partitions of the topic into the client's cache.
    bool ask_metadata() { return native::describe(*client_, warm_up_topic_, kMetadataWait).has_value(); }

    /// Lets every record that is still queued fail now, so that each one meets its fate.
    static void settle_all(rd_kafka_t* client) {
        rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        const SystemClock clock;
        const Instant give_up = clock.now() + kPurgeWait;
        while (rd_kafka_outq_len(client) > 0 && clock.now() < give_up) rd_kafka_poll(client, 10);
        if (const int left = rd_kafka_outq_len(client); left > 0) {
            log::error("kafka records without a fate", {{"records", left}});
        }
    }

    void rebuild(const std::stop_token& stop) {
        native::Client old;
        {
            const std::unique_lock lock{client_mutex_};
            old = std::move(client_);
        }
        has_id_ = false;
        broker_answered_ = false;
        if (old) settle_all(old.get());
        old.reset();
        native::Client made;
        try {
            made = open();
        } catch (const std::exception& error) {  // out of memory or descriptors: the options were good before
            log::error("kafka producer cannot be made again", {{"error", error.what()}});
            std::unique_lock lock{idle_mutex_};
            std::condition_variable_any pause;
            pause.wait_for(lock, stop, kRebuildPause, [] { return false; });
            return;
        }
        rebuilt_.add();
        log::warn("kafka producer made again after a fatal error");
        const std::unique_lock lock{client_mutex_};
        client_ = std::move(made);
        fatal_ = false;
    }

    void fatal() override { fatal_ = true; }
    void producer_id_acquired() override { has_id_ = true; }

    const native::Properties properties_;
    const std::string warm_up_topic_;
    metrics::Counter sent_;
    metrics::Counter failed_;
    metrics::Counter rebuilt_;
    metrics::Timer acknowledged_;
    metrics::Timer lost_;
    DeliveryListener listener_;  // set before the first send
    SendSpans spans_;
    std::atomic<bool> broker_answered_{false};
    std::atomic<bool> has_id_{false};
    std::atomic<bool> fatal_{false};
    std::atomic<std::int64_t> in_flight_{0};
    std::mutex idle_mutex_;
    std::condition_variable idle_;
    std::shared_mutex client_mutex_;  // held alone to replace client_; only the poll thread does
    native::Client client_;
    std::jthread poller_;  // last: ends before what it uses
};

}  // namespace

std::unique_ptr<Producer>
make_producer(const ProducerOptions& options, const std::string& warm_up_topic, metrics::Registry& registry) {
    return std::make_unique<IdempotentProducer>(options, warm_up_topic, registry);
}

}  // namespace platform::kafka
