#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/kafka/record.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

struct rd_kafka_s;
struct rd_kafka_conf_s;
struct rd_kafka_error_s;
struct rd_kafka_message_s;
struct rd_kafka_metadata;
struct rd_kafka_op_s;
struct rd_kafka_queue_s;
struct rd_kafka_topic_partition_list_s;
struct rd_kafka_topic_s;

/// What the clients of this room share of librdkafka. Not for other rooms.
namespace platform::kafka::native {

/// Told by a client what no call returns. Calls come from librdkafka's threads and from poll; they must only
/// note what happened.
class Observer {
public:
    Observer() = default;
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;
    virtual ~Observer() = default;
    /// The client is of no use any more and has to be made again.
    virtual void fatal() {}
    /// Something went wrong that the client tries again by itself. `code` is librdkafka's.
    virtual void trouble(int /*code*/, const char* /*text*/) {}
    /// The idempotent producer has its id: the first record will not wait for it.
    virtual void producer_id_acquired() {}
};

/// Gives back what the library has handed out.
struct Destroy {
    void operator()(rd_kafka_s* client) const;
    void operator()(rd_kafka_error_s* error) const;
    void operator()(rd_kafka_message_s* message) const;
    void operator()(const struct rd_kafka_metadata* metadata) const;  // which is a function, too
    void operator()(rd_kafka_op_s* event) const;
    void operator()(rd_kafka_queue_s* queue) const;
    void operator()(rd_kafka_topic_partition_list_s* list) const;
    void operator()(rd_kafka_topic_s* topic) const;
};
/// Destroying a consumer does not leave its group; close first.
using Client = std::unique_ptr<rd_kafka_s, Destroy>;
using LibraryError = std::unique_ptr<rd_kafka_error_s, Destroy>;
using Message = std::unique_ptr<rd_kafka_message_s, Destroy>;
using Metadata = std::unique_ptr<const struct rd_kafka_metadata, Destroy>;
using Event = std::unique_ptr<rd_kafka_op_s, Destroy>;
using Queue = std::unique_ptr<rd_kafka_queue_s, Destroy>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_s, Destroy>;
using Topic = std::unique_ptr<rd_kafka_topic_s, Destroy>;

enum class Role : unsigned char { Producer, Consumer };

using Properties = std::map<std::string, std::string>;

/// What every client is told: where the brokers are, quick reconnects, no Nagle; `extra` wins over `own`.
[[nodiscard]] Properties merged(
    const std::string& bootstrap_servers,
    const std::string& client_id,
    Properties own,
    const Properties& extra
);

/// The settings of one client. Its log lines and errors go to platform::log, what the Observer wants to know
/// to `observer`, which has to outlive the client. One thread.
class Config {
public:
    /// Throws std::runtime_error naming the property that librdkafka refuses.
    Config(const Properties& properties, Observer& observer);
    ~Config();
    Config(const Config&) = delete;
    Config& operator=(const Config&) = delete;

    /// To add callbacks; their opaque is the Observer*.
    [[nodiscard]] rd_kafka_conf_s* get() { return config_; }
    /// Makes the client. Throws std::runtime_error. Call once.
    [[nodiscard]] Client open(Role role);

private:
    rd_kafka_conf_s* config_;
};

/// The kind of a librdkafka error code, and the Error with its text.
[[nodiscard]] ErrorKind kind_of(int code);
[[nodiscard]] Error to_error(int code, std::string_view doing, std::string_view detail = "");

/// Commits `offsets` for the group of `client`. Gives librdkafka's code of the first that was refused, 0 when none was. Errors: Timeout without an answer
/// within `wait`; else as to_error().
[[nodiscard]] Result<int>
commit(rd_kafka_s& client, const rd_kafka_topic_partition_list_s& offsets, Duration wait);

/// What the brokers know of one topic. Errors: Invalid when no topic can have this name; else as to_error().
[[nodiscard]] Result<Metadata> describe(rd_kafka_s& client, const std::string& topic, Duration wait);

/// A copy of what the library has read.
[[nodiscard]] Record to_record(const rd_kafka_message_s& message);

/// Rounded up, so that no wait becomes zero; never negative.
[[nodiscard]] int to_millis(Duration duration);

}  // namespace platform::kafka::native
