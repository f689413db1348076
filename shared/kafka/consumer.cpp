#include "shared/kafka/consumer.hpp"

#include "shared/kafka/consumer_metrics.hpp"
#include "shared/kafka/native.hpp"
#include "shared/kafka/sequence.hpp"
#include "shared/telemetry/log.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <exception>
#include <format>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace platform::kafka {
namespace {

using namespace std::chrono_literals;

constexpr Duration kCommitWait = 3s;
constexpr Duration kSeekWait = 5s;
constexpr Duration kCloseWait = 3s;
constexpr std::size_t kMaxBatchBytes = 4UL * 1024 * 1024;  // a poll stops here; bounds the memory of a batch

using native::Event;
using native::LibraryError;
using native::Message;
using native::PartitionList;
using native::Queue;

native::Properties properties_of(const ConsumerOptions& options) {
    constexpr int kHeartbeatsPerSession = 6;
    native::Properties own{
        {"group.id", options.group},
        {"session.timeout.ms", std::to_string(native::to_millis(options.session_timeout))},
        {"heartbeat.interval.ms",
         std::to_string(native::to_millis(options.session_timeout / kHeartbeatsPerSession))},
        {"max.poll.interval.ms", std::to_string(native::to_millis(options.max_poll_interval))},
        {"partition.assignment.strategy", "range"},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "earliest"},
        {"isolation.level", "read_committed"},
        {"allow.auto.create.topics", "false"},
        {"check.crcs", "true"},
        {"statistics.interval.ms", "5000"},
        // Low latency: the broker answers with the first byte, and a full local queue is looked at again
        // soon.
        {"fetch.min.bytes", "1"},
        {"fetch.wait.max.ms", "100"},
        {"fetch.error.backoff.ms", "50"},
        {"fetch.queue.backoff.ms", "10"},
        // Small memory: what is fetched ahead, for all partitions together. A larger record still comes, alone.
        {"queued.min.messages", "200"},
        {"queued.max.messages.kbytes", "512"},
        {"fetch.message.max.bytes", "65536"},
        {"fetch.max.bytes", "1000000"},  // not below message.max.bytes
    };
    return native::merged(options.bootstrap_servers, options.client_id, std::move(own), options.extra);
}

std::set<TopicPartition> to_set(const rd_kafka_topic_partition_list_t* list) {
    std::set<TopicPartition> partitions;
    for (int i = 0; list != nullptr && i < list->cnt; ++i) {
        partitions.insert({.topic = list->elems[i].topic, .partition = list->elems[i].partition});
    }
    return partitions;
}

PartitionList list_of(const TopicPartition& partition) {
    PartitionList list{rd_kafka_topic_partition_list_new(1)};
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition);
    return list;
}

/// True when the broker says that the group has moved on without this member: the partitions have other
/// owners.
bool lost_membership(int code) {
    return code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION || code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
           code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID || code == RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST;
}

/// One thread.
class GroupConsumer final : public Consumer, private native::Observer {
public:
    GroupConsumer(const ConsumerOptions& options, metrics::Registry& registry)
        : properties_(properties_of(options)),
          topics_(options.topics),
          metrics_(registry, options.client_id, options.group),
          client_(join()) {}
    ~GroupConsumer() override { leave(); }

    Result<std::vector<Record>> poll(std::size_t max_records, Duration wait) override {
        if (closed_) return {};
        if (broken_) {
            if (auto joined = join_again(); !joined) return fail(std::move(joined).error());
        }
        batch_.clear();
        std::size_t bytes = 0;
        std::optional<Error> failure;
        int millis = native::to_millis(wait);
        while (batch_.size() < max_records && bytes < kMaxBatchBytes) {
            const Message message{rd_kafka_consumer_poll(client_.get(), millis)};
            if (!message) break;
            millis = 0;
            if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
                failure = judged(*message);
                if (failure) break;
                continue;
            }
            bytes += message->len + message->key_len;
            batch_.push_back(native::to_record(*message));
        }
        if (auto known = leave_out_jumps(); !known) failure = std::move(known).error();
        if (batch_.empty() && failure) return fail(*std::move(failure));
        note_progress();
        metrics_.consumed(batch_.size());
        return std::exchange(batch_, {});
    }

    Result<void> commit(std::span<const Record> last_of_each_partition) override {
        if (closed_ || broken_) return {};  // nothing is ours
        const PartitionList offsets{
            rd_kafka_topic_partition_list_new(static_cast<int>(last_of_each_partition.size()))
        };
        for (const Record& record : last_of_each_partition) {
            if (!may_commit(record)) continue;
            rd_kafka_topic_partition_list_add(offsets.get(), record.topic.c_str(), record.partition)->offset =
                record.offset + 1;
        }
        if (offsets->cnt == 0) return {};

        const auto code = native::commit(*client_, *offsets, kCommitWait);
        if (!code) return fail(code.error());
        if (lost_membership(*code)) {
            log::info(
                "offsets not committed: the partitions have another owner",
                {{"error", rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(*code))}}
            );
            return {};
        }
        if (*code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(native::to_error(*code, "commit offsets"));
        for (int i = 0; i < offsets->cnt; ++i) {
            const auto& done = offsets->elems[i];
            progress_[{.topic = done.topic, .partition = done.partition}].committed = done.offset;
        }
        return {};
    }

    void rewind_and_pause(const Record& first) override {
        const TopicPartition partition{.topic = first.topic, .partition = first.partition};
        if (closed_ || broken_ || !assigned_.contains(partition)) return;
        // In this order: a pause remembers the position of the application, and the seek replaces it.
        rd_kafka_pause_partitions(client_.get(), list_of(partition).get());
        read_from(partition, first.offset);
    }

    void resume(const TopicPartition& partition) override {
        if (closed_ || broken_ || !assigned_.contains(partition)) return;
        const PartitionList list = list_of(partition);
        rd_kafka_resume_partitions(client_.get(), list.get());
    }

    void close() override {
        if (std::exchange(closed_, true)) return;
        leave();
    }

    std::vector<TopicPartition> assignment() const override { return {assigned_.begin(), assigned_.end()}; }

private:
    /// What this member has seen of a partition since it was assigned.
    struct Progress {
        std::int64_t first = 0;  // the first offset delivered; what the group had committed is not above it
        std::int64_t committed = 0;  // the offset last committed by this member
    };

    native::Client join() {
        native::Config config{properties_, *this};
        rd_kafka_conf_set_rebalance_cb(
            config.get(),
            [](rd_kafka_t* client,
               rd_kafka_resp_err_t code,
               rd_kafka_topic_partition_list_t* partitions,
               void* opaque) {
                static_cast<GroupConsumer*>(static_cast<native::Observer*>(opaque))
                    ->rebalance(client, code, partitions);
            }
        );
        rd_kafka_conf_set_stats_cb(config.get(), [](rd_kafka_t*, char* json, std::size_t size, void* opaque) {
            static_cast<GroupConsumer*>(static_cast<native::Observer*>(opaque))
                ->metrics_.statistics({json, size});
            return 0;  // the library frees the text
        });
        native::Client client = config.open(native::Role::Consumer);
        rd_kafka_poll_set_consumer(client.get());
        const PartitionList topics{rd_kafka_topic_partition_list_new(static_cast<int>(topics_.size()))};
        for (const std::string& topic : topics_) {
            rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
        }
        if (const auto code = rd_kafka_subscribe(client.get(), topics.get());
            code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            throw std::runtime_error(native::to_error(code, "kafka: subscribe").what);
        }
        return client;
    }

    Result<void> join_again() try {
        leave();
        client_ = join();
        broken_ = false;
        return {};
    } catch (const std::exception& error) {
        return fail(ErrorKind::Unavailable, error.what());
    }

    /// Revokes everything and sends LeaveGroup; bounded, since the broker may be away.
    void leave() {
        if (!client_) return;
        const Queue queue{rd_kafka_queue_new(client_.get())};
        const LibraryError error{rd_kafka_consumer_close_queue(client_.get(), queue.get())};
        const SystemClock clock;
        const Instant give_up = clock.now() + kCloseWait;
        while (!error && rd_kafka_consumer_closed(client_.get()) == 0 && clock.now() < give_up) {
            const Event event{rd_kafka_queue_poll(queue.get(), 50)};
            if (event && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_REBALANCE) {
                rd_kafka_assign(client_.get(), nullptr);
            }
        }
        client_.reset();
        progress_.clear();
        sequence_.clear();
        assigned_.clear();
        metrics_.assigned(assigned_);
    }

    void read_from(const TopicPartition& partition, std::int64_t offset) {
        const PartitionList list = list_of(partition);
        list->elems[0].offset = offset;
        const LibraryError error{
            rd_kafka_seek_partitions(client_.get(), list.get(), native::to_millis(kSeekWait))
        };
        if (!error && list->elems[0].err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
        // Going on from here would step over records that were not applied. A new member starts at the
        // committed offsets.
        log::warn(
            "kafka partition could not be rewound; joining the group again",
            {{"topic", partition.topic}, {"partition", partition.partition}, {"offset", offset}}
        );
        broken_ = true;
    }

    /// Records that do not follow those before them are read again before they are believed; never when they are beyond the end of their partition. Error:
    /// Unavailable when the first that is seen of a partition is that; this member begins again then.
    Result<void> leave_out_jumps() {
        std::set<TopicPartition> again;
        for (const Record& record : batch_) {
            const TopicPartition partition{.topic = record.topic, .partition = record.partition};
            if (again.contains(partition)) continue;
            const auto next = sequence_.next(partition);
            const bool beyond = (!next || record.offset > *next) && beyond_end(record);
            if (beyond && !next) {
                batch_.clear();
                broken_ = true;
                return fail(ErrorKind::Unavailable, std::format("poll: {} is beyond the end of {}", record.offset, partition.topic));
            }
            if (beyond || !sequence_.admits(record)) again.insert(partition);
        }
        for (const TopicPartition& partition : again) {
            const std::int64_t next = *sequence_.next(partition);
            std::erase_if(batch_, [&](const Record& record) {
                return record.topic == partition.topic && record.partition == partition.partition && record.offset >= next;
            });
            log::warn(
                "kafka records do not follow those before them; they are read again",
                {{"topic", partition.topic}, {"partition", partition.partition}, {"offset", next}}
            );
            read_from(partition, next);
        }
        return {};
    }

    bool beyond_end(const Record& record) const {
        std::int64_t low = 0;
        std::int64_t high = 0;  // as the last answer with records told it; negative when none did
        const auto code =
            rd_kafka_get_watermark_offsets(client_.get(), record.topic.c_str(), record.partition, &low, &high);
        return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 && record.offset >= high;
    }

    void rebalance(
        rd_kafka_t* client,
        rd_kafka_resp_err_t code,
        const rd_kafka_topic_partition_list_t* partitions
    ) {
        const bool incremental = std::string_view(rd_kafka_rebalance_protocol(client)) == "COOPERATIVE";
        const auto named = to_set(partitions);
        LibraryError error;
        if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
            assigned_.insert(named.begin(), named.end());
            if (incremental) {
                error.reset(rd_kafka_incremental_assign(client, partitions));
            } else {
                rd_kafka_assign(client, partitions);
            }
        } else {
            // What this poll has already taken of a revoked partition belongs to its next owner. Nothing else
            // is in flight: a batch is applied and committed before the next poll, and rebalances happen
            // inside poll only.
            std::erase_if(batch_, [&](const Record& record) {
                return named.contains({.topic = record.topic, .partition = record.partition});
            });
            for (const TopicPartition& partition : named) {
                assigned_.erase(partition);
                progress_.erase(partition);
                sequence_.forget(partition);
            }
            if (incremental) {
                error.reset(rd_kafka_incremental_unassign(client, partitions));
            } else {
                assigned_.clear();
                progress_.clear();
                sequence_.clear();
                rd_kafka_assign(client, nullptr);
            }
        }
        metrics_.assigned(assigned_);
        log::info(
            "kafka partitions changed",
            {{"event", code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS ? "assigned" : "revoked"},
             {"partitions", named.size()},
             {"held", assigned_.size()}}
        );
        if (error) log::error("kafka assignment refused", {{"error", rd_kafka_error_string(error.get())}});
    }

    /// Nothing for what the library copes with by itself.
    static std::optional<Error> judged(const rd_kafka_message_t& message) {
        const Error error = native::to_error(message.err, "poll", rd_kafka_message_errstr(&message));
        switch (message.err) {
            case RD_KAFKA_RESP_ERR__PARTITION_EOF:
                return std::nullopt;
            case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
            case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
            case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
                log::info("waiting for a kafka topic", {{"error", error.what}});
                return std::nullopt;
            case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
                log::warn(
                    "the handler took longer than the group allows; joining again", {{"error", error.what}}
                );
                return std::nullopt;
            default:
                return Error{.kind = ErrorKind::Unavailable, .what = error.what};
        }
    }

    void note_progress() {
        const Record* previous = nullptr;
        for (const Record& record : batch_) {
            const bool same = previous != nullptr && previous->partition == record.partition &&
                              previous->topic == record.topic;
            previous = &record;
            if (same) continue;
            progress_.try_emplace(
                {.topic = record.topic, .partition = record.partition},
                Progress{.first = record.offset, .committed = record.offset}
            );
        }
    }

    /// Offsets only grow: neither a partition that was lost and came back nor a late repeat may take one
    /// back.
    bool may_commit(const Record& record) const {
        const auto found = progress_.find({.topic = record.topic, .partition = record.partition});
        return found != progress_.end() && record.offset >= found->second.first &&
               record.offset >= found->second.committed;
    }

    void fatal() override { broken_ = true; }

    const native::Properties properties_;
    const std::vector<std::string> topics_;
    ConsumerMetrics metrics_;
    std::set<TopicPartition> assigned_;
    std::map<TopicPartition, Progress> progress_;
    Sequence sequence_;
    std::vector<Record> batch_;  // of the poll that is running
    bool broken_ = false;        // the client has to be made again; set inside poll and rewind only
    bool closed_ = false;
    native::Client client_;
};

}  // namespace

std::unique_ptr<Consumer> make_consumer(const ConsumerOptions& options, metrics::Registry& registry) {
    return std::make_unique<GroupConsumer>(options, registry);
}

}  // namespace platform::kafka
