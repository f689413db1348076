#include "shared/service/event_batch.hpp"

#include "shared/core/traceparent.hpp"
#include "shared/kafka/headers.hpp"
#include "shared/outbox/outbox.hpp"
#include "shared/service/service_runtime.hpp"

#include <format>
#include <utility>
#include <variant>

namespace platform::service {
namespace {

/// Empty when the record has none that is valid.
std::string traceparent_of(const kafka::Record& record) {
    const std::string* found = kafka::find_header(record.headers, "traceparent");
    return found != nullptr && traceparent::valid(*found) ? *found : std::string{};
}

}  // namespace

Result<std::vector<events::Event>> decode_batch(std::span<const kafka::Record> batch) {
    std::vector<events::Event> events;
    events.reserve(batch.size());
    for (const auto& record : batch) {
        auto decoded = events::decode(record.value);
        if (!decoded) {
            return fail(
                decoded.error().kind,
                std::format(
                    "{}/{}@{}: {}", record.topic, record.partition, record.offset, decoded.error().what
                )
            );
        }
        if (auto* event = std::get_if<events::Event>(&*decoded)) {
            event->metadata.traceparent = traceparent_of(record);
            events.push_back(std::move(*event));
        }
    }
    return events;
}

DeadLetters::DeadLetters(
    std::string group,
    std::string suffix,
    mysql::Pool& pool,
    outbox::Relay& relay,
    UuidGenerator& ids
)
    : group_(std::move(group)), suffix_(std::move(suffix)), pool_(pool), relay_(relay), ids_(ids) {}

DeadLetters::DeadLetters(Runtime& runtime)
    : DeadLetters(
          runtime.settings().kafka_group,
          runtime.settings().topics.dead_letter_suffix,
          runtime.pool(),
          runtime.relay(),
          runtime.ids()
      ) {}

Result<void> DeadLetters::store(const kafka::Record& record, const Error& why) {
    std::vector<outbox::OutboxRow> rows;
    rows.push_back(outbox::to_dead_letter(ids_.next(), record, group_, suffix_, why));
    auto session = pool_.acquire();
    if (!session) return fail(std::move(session).error());
    auto transaction = mysql::Transaction::begin(**session);
    if (!transaction) return fail(std::move(transaction).error());
    auto stored = outbox::insert(transaction->session(), rows, relay_.claim()).and_then([&] {
        return transaction->commit();
    });
    if (!stored) return stored;
    relay_.hand_over(std::move(rows));
    return {};
}

}  // namespace platform::service
