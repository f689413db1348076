#include "shared/kafka/native.hpp"

#include "shared/telemetry/log.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <format>
#include <limits>
#include <stdexcept>

namespace platform::kafka::native {
namespace {

constexpr std::size_t kErrorText = 512;

Observer* observer_of(const rd_kafka_t* client) {
    return client == nullptr ? nullptr : static_cast<Observer*>(rd_kafka_opaque(client));
}

/// Syslog levels: 0 emergency ... 3 error, 4 warning, 5 notice, 6 info, 7 debug. librdkafka calls every lost
/// connection an error; it reconnects by itself, so for us that is a warning.
void log_line(const rd_kafka_t* client, int level, const char* facility, const char* text) {
    constexpr int kCritical = 2;
    constexpr int kWarning = 4;
    constexpr int kInfo = 6;
    const std::string_view name = client == nullptr ? "" : rd_kafka_name(client);
    if (std::string_view(facility) == "IDEMPSTATE" && std::string_view(text).ends_with("-> Assigned")) {
        if (Observer* observer = observer_of(client)) observer->producer_id_acquired();
    }
    constexpr std::string_view kMessage = "kafka client library";
    if (level <= kCritical) {
        log::error(kMessage, {{"client", name}, {"facility", facility}, {"text", text}});
    } else if (level <= kWarning) {
        log::warn(kMessage, {{"client", name}, {"facility", facility}, {"text", text}});
    } else if (level <= kInfo) {
        log::info(kMessage, {{"client", name}, {"facility", facility}, {"text", text}});
    } else {
        log::debug(kMessage, {{"client", name}, {"facility", facility}, {"text", text}});
    }
}

void on_error(rd_kafka_t* client, int code, const char* reason, void* opaque) {
    const std::string_view name = rd_kafka_name(client);
    if (code != RD_KAFKA_RESP_ERR__FATAL) {
        const char* error = rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code));
        log::warn("kafka client error", {{"client", name}, {"error", error}, {"text", reason}});
        static_cast<Observer*>(opaque)->trouble(code, reason);
        return;
    }
    std::array<char, kErrorText> text{};
    const auto cause = rd_kafka_fatal_error(client, text.data(), text.size());
    log::error(
        "kafka client failed for good",
        {{"client", name}, {"error", rd_kafka_err2name(cause)}, {"text", text.data()}}
    );
    static_cast<Observer*>(opaque)->fatal();
}

}  // namespace

void Destroy::operator()(rd_kafka_s* client) const {
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}
void Destroy::operator()(rd_kafka_error_s* error) const {
    rd_kafka_error_destroy(error);
}
void Destroy::operator()(rd_kafka_message_s* message) const {
    rd_kafka_message_destroy(message);
}
void Destroy::operator()(const rd_kafka_metadata_t* metadata) const {
    rd_kafka_metadata_destroy(metadata);
}
void Destroy::operator()(rd_kafka_op_s* event) const {
    rd_kafka_event_destroy(event);
}
void Destroy::operator()(rd_kafka_queue_s* queue) const {
    rd_kafka_queue_destroy(queue);
}
void Destroy::operator()(rd_kafka_topic_partition_list_s* list) const {
    rd_kafka_topic_partition_list_destroy(list);
}
void Destroy::operator()(rd_kafka_topic_s* topic) const {
    rd_kafka_topic_destroy(topic);
}

Properties merged(
    const std::string& bootstrap_servers,
    const std::string& client_id,
    Properties own,
    const Properties& extra
) {
    Properties all = std::move(own);
    all.insert({
        {"bootstrap.servers", bootstrap_servers},
        {"client.id", client_id.empty() ? "orderplatform" : client_id},
        {"socket.nagle.disable", "true"},
        {"socket.keepalive.enable", "true"},
        {"reconnect.backoff.ms", "50"},
        {"reconnect.backoff.max.ms", "1000"},
        {"log.connection.close", "false"},  // brokers close idle connections; nothing is wrong then
        {"topic.metadata.refresh.interval.ms", "5000"},  // so soon a new topic or partition is seen
        // Brokers may ask clients for metrics (KIP-714); a client that ends then waits up to a second to push its last ones. Ours are scraped.
        {"enable.metrics.push", "false"},
    });
    for (const auto& [name, value] : extra) all.insert_or_assign(name, value);
    return all;
}

Config::Config(const Properties& properties, Observer& observer) : config_(rd_kafka_conf_new()) {
    std::array<char, kErrorText> text{};
    for (const auto& [name, value] : properties) {
        if (rd_kafka_conf_set(config_, name.c_str(), value.c_str(), text.data(), text.size()) !=
            RD_KAFKA_CONF_OK) {
            rd_kafka_conf_destroy(config_);
            throw std::runtime_error(
                std::format("kafka: the property {} is not usable: {}", name, text.data())
            );
        }
    }
    rd_kafka_conf_set_opaque(config_, &observer);
    rd_kafka_conf_set_log_cb(config_, log_line);
    rd_kafka_conf_set_error_cb(config_, on_error);
}

Config::~Config() {
    if (config_ != nullptr) rd_kafka_conf_destroy(config_);
}

Client Config::open(Role role) {
    std::array<char, kErrorText> text{};
    Client client{rd_kafka_new(
        role == Role::Producer ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, config_, text.data(), text.size()
    )};
    if (!client) throw std::runtime_error(std::format("kafka: no client: {}", text.data()));
    config_ = nullptr;  // the client owns it now
    return client;
}

ErrorKind kind_of(int code) {
    switch (code) {
        case RD_KAFKA_RESP_ERR__TIMED_OUT:
        case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
        case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
        case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
            return ErrorKind::Timeout;

        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        case RD_KAFKA_RESP_ERR_SECURITY_DISABLED:
        case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
            return ErrorKind::Denied;

        case RD_KAFKA_RESP_ERR__INVALID_ARG:
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
        case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
        case RD_KAFKA_RESP_ERR_INVALID_RECORD:
        case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
        case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
        case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
        case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
        case RD_KAFKA_RESP_ERR_INVALID_REQUEST:
        case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
        case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
            return ErrorKind::Invalid;

        default:
            return ErrorKind::Unavailable;  // the library has 150 codes; what is not known may pass
    }
}

Error to_error(int code, std::string_view doing, std::string_view detail) {
    const auto error = static_cast<rd_kafka_resp_err_t>(code);
    return Error{
        .kind = kind_of(code),
        .what = std::format(
            "{}: {} ({})", doing, detail.empty() ? rd_kafka_err2str(error) : detail, rd_kafka_err2name(error)
        ),
    };
}

Result<int> commit(rd_kafka_s& client, const rd_kafka_topic_partition_list_t& offsets, Duration wait) {
    const Queue queue{rd_kafka_queue_new(&client)};
    auto code = rd_kafka_commit_queue(&client, &offsets, queue.get(), nullptr, nullptr);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(to_error(code, "commit offsets"));
    const Event answer{rd_kafka_queue_poll(queue.get(), to_millis(wait))};
    if (!answer) return fail(ErrorKind::Timeout, "commit offsets: no answer in time");
    code = rd_kafka_event_error(answer.get());
    const auto* result = rd_kafka_event_topic_partition_list(answer.get());
    for (int i = 0; result != nullptr && i < result->cnt; ++i) {
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = result->elems[i].err;
    }
    return code;
}

Result<Metadata> describe(rd_kafka_s& client, const std::string& topic, Duration wait) {
    const Topic named{rd_kafka_topic_new(&client, topic.c_str(), nullptr)};
    if (!named) return fail(ErrorKind::Invalid, "not a topic's name: " + topic);
    const rd_kafka_metadata_t* answer = nullptr;
    const auto code = rd_kafka_metadata(&client, 0, named.get(), &answer, to_millis(wait));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(to_error(code, "describe " + topic));
    return Metadata{answer};
}

Record to_record(const rd_kafka_message_t& message) {
    Record record{
        .topic = rd_kafka_topic_name(message.rkt),
        .partition = message.partition,
        .offset = message.offset,
        .timestamp_millis = -1,
        .key = std::string(static_cast<const char*>(message.key), message.key_len),
        .value = std::string(static_cast<const char*>(message.payload), message.len),
        .headers = {},
    };
    rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    const std::int64_t timestamp = rd_kafka_message_timestamp(&message, &type);
    if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) record.timestamp_millis = timestamp;

    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
        record.headers.emplace_back(
            name, value == nullptr ? "" : std::string(static_cast<const char*>(value), size)
        );
    }
    return record;
}

int to_millis(Duration duration) {
    const auto millis = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
    return static_cast<int>(std::clamp<std::int64_t>(millis, 0, std::numeric_limits<int>::max()));
}

}  // namespace platform::kafka::native
