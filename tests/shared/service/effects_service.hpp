#pragma once
#include "shared/events/events.hpp"
#include "shared/mysql/session.hpp"
#include "shared/outbox/inbox.hpp"
#include "shared/outbox/outbox.hpp"
#include "shared/service/event_batch.hpp"
#include "shared/service/program.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace platform::test {

/// What a test can make go wrong, in all members at once. Thread-safe.
struct Troubles {
    std::atomic<bool> refuse_voided{false};  ///< PAYMENT_VOIDED can "never" be applied: a fault of the program, repaired later
    std::atomic<bool> unavailable{false};
};

/// Counts in the table `effects` how often each event had an effect, as services do: inbox and effect in one transaction. One thread.
class EffectsHandler final : public kafka::BatchHandler {
public:
    EffectsHandler(service::Runtime& runtime, Troubles& troubles)
        : runtime_(runtime), troubles_(troubles), dead_letters_(runtime) {}

    Result<void> apply(std::span<const kafka::Record> batch) override {
        if (troubles_.unavailable) return fail(ErrorKind::Unavailable, "as the test wants");
        auto events = service::decode_batch(batch);
        if (!events) return fail(std::move(events).error());
        const bool refused = std::ranges::any_of(*events, [](const events::Event& event) {
            return std::holds_alternative<events::PaymentVoided>(event.payload);
        });
        if (refused && troubles_.refuse_voided) return fail(ErrorKind::Invalid, "this version cannot do that");
        return store(*events);
    }
    Result<void> dead_letter(const kafka::Record& record, const Error& why) override {
        return dead_letters_.store(record, why);
    }

private:
    Result<void> store(const std::vector<events::Event>& events) {
        std::vector<Uuid> ids;
        for (const auto& event : events) ids.push_back(event.metadata.event_id.uuid);
        auto session = runtime_.pool().acquire();
        if (!session) return fail(std::move(session).error());
        auto transaction = mysql::Transaction::begin(**session);
        if (!transaction) return fail(std::move(transaction).error());
        auto fresh = outbox::admit(**session, runtime_.settings().kafka_group, ids);
        if (!fresh) return fail(std::move(fresh).error());
        for (const Uuid& id : *fresh) {
            auto done = (*session)->execute(mysql::Sql("INSERT INTO effects (event_id) VALUES (?)", id));
            if (!done) return fail(std::move(done).error());
        }
        return transaction->commit();
    }

    service::Runtime& runtime_;
    Troubles& troubles_;
    service::DeadLetters dead_letters_;
};

/// A service that reads `topic`. `effects` has no key, so that a double effect shows as a second row.
inline service::Program effects_program(const std::string& topic, Troubles& troubles) {
    auto statements = outbox::table_statements();
    statements.emplace_back("CREATE TABLE IF NOT EXISTS effects (event_id BINARY(16) NOT NULL) ENGINE=InnoDB");
    return {
        .defaults = {.name = "effects-service", .http_port = 0, .database = "none"},
        .configure =
            [topic, &troubles, statements](config::Reader&) {
                return service::Program::Parts{
                    .schema = {.migrations = {{.version = 1, .name = "tables", .statements = statements}}, .seed = {}},
                    .wire =
                        [topic, &troubles](service::Runtime& runtime) {
                            auto handler = std::make_shared<EffectsHandler>(runtime, troubles);
                            runtime.consume("effects-kafka", {topic}, *handler);
                            return std::shared_ptr<void>(handler);
                        },
                };
            },
    };
}

/// An event that changes nothing but the count of effects.
inline events::Event voided_event(const std::string& name) {
    return {
        .metadata =
            {.event_id = EventId{Uuid::of_name(name)},
             .correlation_id = "c-1",
             .causation_id = std::nullopt,
             .occurred_at = WallTime{},
             .source_service = "payment-service",
             .version = events::kVersion},
        .order_id = OrderId{Uuid::of_name(name)},
        .payload = events::PaymentVoided{},
    };
}

}  // namespace platform::test
