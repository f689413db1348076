#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/kafka/record.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace platform::kafka {

/// Port: what a group has not read yet of some topics, read and marked as read by somebody who does not become a member of the group. For operators'
/// tools: no rebalance, no waiting for records to come. One thread.
class Backlog {
public:
    /// One partition, in offsets.
    struct Span {
        TopicPartition partition;
        std::int64_t first = 0;  ///< the oldest record that there is
        std::int64_t next = 0;   ///< where the group goes on; `first` when it has not begun
        std::int64_t end = 0;    ///< after the newest record
    };
    struct Page {
        std::vector<Record> records;
        std::int64_t next = 0;  ///< where the next page begins
    };

    Backlog() = default;
    Backlog(const Backlog&) = delete;
    Backlog& operator=(const Backlog&) = delete;
    virtual ~Backlog() = default;

    /// All partitions of those topics that exist. Errors: Unavailable, Timeout.
    [[nodiscard]] virtual Result<std::vector<Span>> spans(const std::vector<std::string>& topics) = 0;
    /// At most `max_records` records of [from, end), in order; some may be missing there, so a page can be empty and its `next` be `end`.
    /// Errors: Unavailable, Timeout when nothing came in time.
    [[nodiscard]] virtual Result<Page>
    read(const TopicPartition& partition, std::int64_t from, std::int64_t end, std::size_t max_records) = 0;
    /// The group goes on at `next`. Errors: Unavailable, Timeout; Conflict while the group has members.
    [[nodiscard]] virtual Result<void> commit(const TopicPartition& partition, std::int64_t next) = 0;
};

struct BacklogOptions {
    std::string bootstrap_servers;
    std::string client_id;
    std::string group;
    Duration timeout = std::chrono::seconds(5);  ///< of each step
    std::map<std::string, std::string> extra;
};

/// Throws std::runtime_error on an unusable option.
[[nodiscard]] std::unique_ptr<Backlog> make_backlog(const BacklogOptions& options);

}  // namespace platform::kafka
