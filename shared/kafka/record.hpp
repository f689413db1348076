#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace platform::kafka {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// A record as read. Bytes are untrusted.
struct Record {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::int64_t timestamp_millis = 0;  ///< broker's or producer's, -1 when there is none
    std::string key;
    std::string value;
    Headers headers;
};

struct OutgoingRecord {
    std::string topic;
    std::string key;
    std::string value;
    Headers headers;
};

struct TopicPartition {
    std::string topic;
    std::int32_t partition = 0;
    friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

}  // namespace platform::kafka
