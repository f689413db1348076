#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/kafka/backlog.hpp"
#include "shared/kafka/record.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace platform::service {

/// Puts the dead letters of one consumer group back into the topics that they came from, with the key, value and headers that they had. How far it has come
/// is kept as the committed offsets of the group "<group>-redrive", so that a second run does not send them again. A letter is marked as redriven after it
/// was published: after a crash in between it is published twice, which the inboxes of all groups bear. One thread.
class Redrive {
public:
    /// Durable, or an error.
    using Publish = std::function<Result<void>(std::vector<kafka::OutgoingRecord>)>;
    struct Options {
        std::string group;                ///< whose dead letters
        std::vector<std::string> topics;  ///< that the group reads, without the suffix
        std::string suffix;               ///< of dead letter topics
    };
    struct Choice {
        std::optional<std::string> topic;        ///< of Options::topics; all of them when not given
        std::optional<std::int32_t> partition;
        /// Only letters with this key. What else is waiting stays so, and these will be sent again by the next run.
        std::optional<std::string> key;
        std::size_t limit = 1000;  ///< letters to be published at most
    };
    struct Outcome {
        std::int64_t redriven = 0;
        std::int64_t skipped = 0;  ///< looked at and left out: another group's, or another key
        std::int64_t waiting = 0;  ///< not looked at yet
    };

    Redrive(Options options, kafka::Backlog& backlog, Publish publish, const Clock& clock);

    /// Stops early, and well, when `deadline` comes; `waiting` tells then how many are left.
    [[nodiscard]] Result<Outcome> run(const Choice& choice, Instant deadline);
    /// The partitions of the dead letter topics; `next` is where the next run begins.
    [[nodiscard]] Result<std::vector<kafka::Backlog::Span>> waiting();

    /// The group that keeps how far a redrive has come.
    [[nodiscard]] static std::string progress_group(const std::string& group) { return group + "-redrive"; }

private:
    [[nodiscard]] std::vector<std::string> dead_letter_topics(const Choice& choice) const;
    [[nodiscard]] Result<void>
    drain(const kafka::Backlog::Span& span, const Choice& choice, Instant deadline, Outcome& outcome);
    [[nodiscard]] bool wanted(const kafka::Record& letter, const Choice& choice) const;
    [[nodiscard]] kafka::OutgoingRecord original(kafka::Record letter) const;

    const Options options_;
    kafka::Backlog& backlog_;
    const Publish publish_;
    const Clock& clock_;
};

}  // namespace platform::service
