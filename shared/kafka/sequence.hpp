#pragma once
#include "shared/kafka/record.hpp"

#include <cstdint>
#include <map>
#include <optional>

namespace platform::kafka {

/// Whether the records of a partition follow each other. The checksum of a record batch leaves out the offset of its first record (Kafka's record batch
/// format: the CRC begins behind it), so a byte that changed on the way can move records ahead, and whoever commits behind them never reads those between.
/// A true jump (records that retention removed, a transaction's markers) is there again when the partition is read again. One thread.
class Sequence {
public:
    /// True when the record is the next of its partition, the first that is seen of it, one that came before, or tells of the same jump as at the last
    /// reading; the one behind it is expected then. Otherwise the partition is to be read again from `next()`.
    bool admits(const Record& record);
    /// Nothing when no record of the partition was seen.
    [[nodiscard]] std::optional<std::int64_t> next(const TopicPartition& partition) const;
    void forget(const TopicPartition& partition);
    void clear() { progress_.clear(); }

private:
    struct Progress {
        std::int64_t next = 0;
        std::optional<std::int64_t> doubted;  // the offset that was not believed at the last reading
    };
    std::map<TopicPartition, Progress> progress_;
};

}  // namespace platform::kafka
