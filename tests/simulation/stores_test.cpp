#include "tests/services/inventory/store_contract.hpp"
#include "tests/services/notification/store_contract.hpp"
#include "tests/services/order/adapters/order_store_contract.hpp"
#include "tests/services/payment/store_contract.hpp"
#include "tests/shared/outbox/store_contract.hpp"
#include "tests/simulation/broker.hpp"
#include "tests/simulation/inventory_database.hpp"
#include "tests/simulation/message_database.hpp"
#include "tests/simulation/order_database.hpp"
#include "tests/simulation/payment_database.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

/// The simulated databases keep the contracts that MySQL keeps: otherwise the simulation proves nothing.
namespace platform::simulation {
namespace {

/// One process with its database, and a broker that takes nothing, so that what is told stays in the outbox.
template <class Base>
struct Stage {
    Stage() {
        checker.look_away();  // contracts are about stores, not about whole orders
        broker.down = true;
    }
    [[nodiscard]] outbox::Relay::Options options() const {
        outbox::Relay::Options options;
        options.claim = {.owner = "test:1", .lease = std::chrono::seconds(60)};
        return options;
    }
    /// Every transaction fails at its end, or none.
    void refuse(bool all) { faults.rolled_back = all ? 1 : 0; }
    /// The values in the outbox.
    [[nodiscard]] std::multiset<std::string> told() const {
        std::multiset<std::string> values;
        for (const auto& record : database.waiting()) values.insert(record.value);
        return values;
    }

    Random random{1};
    Faults faults;
    Scheduler scheduler{random};
    Checker checker{scheduler, std::chrono::hours(1)};
    Broker broker{scheduler, random, faults, checker};
    Process process{scheduler, random, faults, "test", Duration{0}, [](Process&) { return nullptr; }};
    metrics::Registry registry{"test"};
    Base database{scheduler, checker};
    Session session{process, database, random, faults};
    SimulatedOutboxStore outbox{session};
    SimulatedProducer producer{process, broker, random, faults, std::chrono::seconds(30)};
    outbox::Relay relay{options(), outbox, producer, process.clock(), registry};
};

class OutboxDriver {
public:
    outbox::OutboxStore& store() { return stage_.outbox; }
    void insert(const std::vector<outbox::OutboxRow>& rows, const outbox::Claim& claim) {
        stage_.database.insert(rows, claim);
    }
    void pass(Duration time) { stage_.scheduler.run_for(time); }

private:
    Stage<Database> stage_;
};

class OrderSubject final : public order::StoreUnderTest {
public:
    order::OrderStore& store() override { return store_; }
    std::vector<std::string> told() override {
        std::vector<std::string> types;
        for (const auto& record : stage_.database.waiting()) {
            const auto type = std::ranges::find(record.headers, "ce_type", &std::pair<std::string, std::string>::first);
            types.push_back(type->second);
        }
        std::ranges::sort(types);
        return types;
    }

private:
    Stage<OrderDatabase> stage_;
    SimulatedOrderStore store_{stage_.session, stage_.database, stage_.relay, std::chrono::seconds(30)};
};

class PaymentDriver {
public:
    PaymentDriver() {
        stage_.database.retry_pause = std::chrono::seconds(10);
        stage_.database.refused_pause = std::chrono::minutes(1);
    }
    payment::PaymentStore& store() { return store_; }
    void pass(Duration time) { stage_.scheduler.run_for(time); }
    [[nodiscard]] std::multiset<std::string> told() const { return stage_.told(); }
    void refuse_events(bool refuse) { stage_.refuse(refuse); }

private:
    Stage<PaymentDatabase> stage_;
    SimulatedPaymentStore store_{stage_.session, stage_.database, stage_.relay};
};

class InventoryDriver {
public:
    inventory::InventoryStore& store() { return store_; }
    [[nodiscard]] std::multiset<std::string> told() const { return stage_.told(); }
    [[nodiscard]] std::int64_t ledger_sum(const std::string& product) const { return stage_.database.ledger_sum(product); }
    [[nodiscard]] std::int64_t movements() const { return std::ssize(stage_.database.ledger); }
    void empty_inbox() { stage_.database.forget_inbox(); }
    void refuse_events(bool refuse) { stage_.refuse(refuse); }

private:
    Stage<InventoryDatabase> stage_;
    SimulatedInventoryStore store_{stage_.session, stage_.database, stage_.relay};
};

class MessageDriver {
public:
    notification::MessageStore& store() { return store_; }
    void pass(Duration time) { stage_.scheduler.run_for(time); }
    void die() {
        for (auto& [key, row] : stage_.database.rows) {
            if (!row.owner.empty()) row.owner = "test:earlier";
        }
    }
    [[nodiscard]] std::multiset<std::string> told() const { return stage_.told(); }
    void refuse_events(bool refuse) { stage_.refuse(refuse); }

private:
    Stage<MessageDatabase> stage_;
    MailServer server_{stage_.scheduler, stage_.checker, std::chrono::minutes(1)};
    SimulatedMessageStore store_{stage_.session, stage_.database, stage_.relay, server_};
};

}  // namespace
}  // namespace platform::simulation

namespace platform::outbox {
INSTANTIATE_TYPED_TEST_SUITE_P(Simulated, OutboxStoreContract, simulation::OutboxDriver);
}  // namespace platform::outbox
namespace platform::order {
INSTANTIATE_TYPED_TEST_SUITE_P(Simulated, OrderStoreContract, simulation::OrderSubject);
}  // namespace platform::order
namespace platform::payment {
INSTANTIATE_TYPED_TEST_SUITE_P(Simulated, PaymentStoreContract, simulation::PaymentDriver);
}  // namespace platform::payment
namespace platform::inventory {
INSTANTIATE_TYPED_TEST_SUITE_P(Simulated, InventoryStoreContract, simulation::InventoryDriver);
}  // namespace platform::inventory
namespace platform::notification {
INSTANTIATE_TYPED_TEST_SUITE_P(Simulated, MessageStoreContract, simulation::MessageDriver);
}  // namespace platform::notification
