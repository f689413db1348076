#include "shared/kafka/sequence.hpp"

namespace platform::kafka {

bool Sequence::admits(const Record& record) {
    const auto found = progress_.try_emplace(
        {.topic = record.topic, .partition = record.partition}, Progress{.next = record.offset, .doubted = {}}
    );
    Progress& progress = found.first->second;
    if (record.offset > progress.next && progress.doubted != record.offset) {
        progress.doubted = record.offset;
        return false;
    }
    progress = {.next = record.offset + 1, .doubted = {}};
    return true;
}

std::optional<std::int64_t> Sequence::next(const TopicPartition& partition) const {
    const auto found = progress_.find(partition);
    if (found == progress_.end()) return std::nullopt;
    return found->second.next;
}

void Sequence::forget(const TopicPartition& partition) {
    progress_.erase(partition);
}

}  // namespace platform::kafka
