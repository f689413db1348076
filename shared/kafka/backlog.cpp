#include "shared/kafka/backlog.hpp"

#include "shared/kafka/native.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <utility>

namespace platform::kafka {
namespace {

constexpr std::size_t kMaxPageBytes = 4UL * 1024 * 1024;

using native::PartitionList;

native::Properties properties_of(const BacklogOptions& options) {
    native::Properties own{
        {"group.id", options.group},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"enable.partition.eof", "true"},
        {"auto.offset.reset", "earliest"},
        {"isolation.level", "read_committed"},
        {"allow.auto.create.topics", "false"},
        {"fetch.wait.max.ms", "100"},
        {"queued.min.messages", "1000"},
        {"queued.max.messages.kbytes", "4096"},
    };
    return native::merged(options.bootstrap_servers, options.client_id, std::move(own), options.extra);
}

PartitionList list_of(const TopicPartition& partition, std::int64_t offset) {
    PartitionList list{rd_kafka_topic_partition_list_new(1)};
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)->offset = offset;
    return list;
}

/// One thread.
class NativeBacklog final : public Backlog, private native::Observer {
public:
    explicit NativeBacklog(const BacklogOptions& options)
        : timeout_(options.timeout), client_(open(options)) {
        rd_kafka_poll_set_consumer(client_.get());
    }

    Result<std::vector<Span>> spans(const std::vector<std::string>& topics) override {
        std::vector<Span> all;
        for (const std::string& topic : topics) {
            auto count = partitions_of(topic);
            if (!count) return fail(std::move(count).error());
            for (std::int32_t i = 0; i < *count; ++i) {
                auto span = span_of({.topic = topic, .partition = i});
                if (!span) return fail(std::move(span).error());
                all.push_back(*std::move(span));
            }
        }
        return all;
    }

    Result<Page>
    read(const TopicPartition& partition, std::int64_t from, std::int64_t end, std::size_t max_records) override {
        Page page{.records = {}, .next = from};
        if (from >= end || max_records == 0) return page;
        const PartitionList list = list_of(partition, from);
        if (const auto code = rd_kafka_assign(client_.get(), list.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return fail(native::to_error(code, "assign " + partition.topic));
        }
        auto read = fill(page, end, max_records);
        rd_kafka_assign(client_.get(), nullptr);
        if (!read) return fail(std::move(read).error());
        return page;
    }

    Result<void> commit(const TopicPartition& partition, std::int64_t next) override {
        const PartitionList offsets = list_of(partition, next);
        const auto code = native::commit(*client_, *offsets, timeout_);
        if (!code) return fail(code.error());
        if (*code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID || *code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION) {
            return fail(ErrorKind::Conflict, "commit offsets: the group has members");
        }
        if (*code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(native::to_error(*code, "commit offsets"));
        return {};
    }

private:
    native::Client open(const BacklogOptions& options) {
        native::Config config{properties_of(options), *this};
        return config.open(native::Role::Consumer);
    }

    /// 0 when there is no such topic.
    Result<std::int32_t> partitions_of(const std::string& name) {
        const auto metadata = native::describe(*client_, name, timeout_);
        if (!metadata) return fail(metadata.error());
        if ((*metadata)->topic_cnt != 1) return fail(ErrorKind::Unavailable, "describe " + name + ": no answer");
        const auto& described = (*metadata)->topics[0];
        if (described.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return 0;
        if (described.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return fail(native::to_error(described.err, "describe " + name));
        }
        return described.partition_cnt;
    }

    Result<Span> span_of(const TopicPartition& partition) {
        Span span{.partition = partition, .first = 0, .next = 0, .end = 0};
        const int millis = native::to_millis(timeout_);
        auto code = rd_kafka_query_watermark_offsets(
            client_.get(), partition.topic.c_str(), partition.partition, &span.first, &span.end, millis
        );
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return fail(native::to_error(code, "look for the end of " + partition.topic));
        }
        const PartitionList list = list_of(partition, RD_KAFKA_OFFSET_INVALID);
        code = rd_kafka_committed(client_.get(), list.get(), millis);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = list->elems[0].err;
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return fail(native::to_error(code, "look for the offset of " + partition.topic));
        }
        const std::int64_t committed = list->elems[0].offset;
        span.next = committed < 0 ? span.first : std::clamp(committed, span.first, span.end);
        return span;
    }

    Result<void> fill(Page& page, std::int64_t end, std::size_t max_records) {
        const SystemClock clock;
        const Instant deadline = clock.now() + timeout_;
        std::size_t bytes = 0;
        while (page.records.size() < max_records && page.next < end && bytes < kMaxPageBytes) {
            const Duration left = deadline - clock.now();
            if (left <= Duration::zero()) break;
            const native::Message message{rd_kafka_consumer_poll(client_.get(), native::to_millis(left))};
            if (!message) continue;
            if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
                page.next = end;
                return {};
            }
            if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
                return fail(native::to_error(message->err, "read", rd_kafka_message_errstr(message.get())));
            }
            if (message->offset >= end) {
                page.next = end;
                return {};
            }
            bytes += message->len + message->key_len;
            page.next = message->offset + 1;
            page.records.push_back(native::to_record(*message));
        }
        if (page.records.empty() && page.next < end) return fail(ErrorKind::Timeout, "read: no record came in time");
        return {};
    }

    const Duration timeout_;
    native::Client client_;
};

}  // namespace

std::unique_ptr<Backlog> make_backlog(const BacklogOptions& options) {
    return std::make_unique<NativeBacklog>(options);
}

}  // namespace platform::kafka
