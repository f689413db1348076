#pragma once
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"
#include "shared/events/events.hpp"
#include "shared/kafka/record.hpp"
#include "shared/mysql/pool.hpp"
#include "shared/outbox/relay.hpp"

#include <span>
#include <string>
#include <vector>

namespace platform::service {

class Runtime;

/// The events of a batch, in order. Events of types that this version does not know are left out: contracts
/// grow. Each one has the trace context of its record's headers. Error: Invalid when one of the records is not an event; `what` names its topic, partition and
/// offset.
[[nodiscard]] Result<std::vector<events::Event>> decode_batch(std::span<const kafka::Record> batch);

/// Puts records that can never be applied on their way to their dead letter topic: an outbox row, no inbox
/// row, so that a redrive is handled like any other record. Thread-safe.
class DeadLetters {
public:
    DeadLetters(
        std::string group,
        std::string suffix,
        mysql::Pool& pool,
        outbox::Relay& relay,
        UuidGenerator& ids
    );
    /// For records that this process consumes.
    explicit DeadLetters(Runtime& runtime);
    [[nodiscard]] Result<void> store(const kafka::Record& record, const Error& why);

private:
    std::string group_;
    std::string suffix_;
    mysql::Pool& pool_;
    outbox::Relay& relay_;
    UuidGenerator& ids_;
};

}  // namespace platform::service
