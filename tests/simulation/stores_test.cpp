#include "shared/kafka/headers.hpp"
#include "tests/services/inventory/store_contract.hpp"
#include "tests/services/notification/store_contract.hpp"
#include "tests/services/order/adapters/order_store_contract.hpp"
#include "tests/services/payment/store_contract.hpp"
#include "tests/shared/outbox/store_contract.hpp"
#include "tests/simulation/inventory_database.hpp"
#include "tests/simulation/message_database.hpp"
#include "tests/simulation/one_process.hpp"
#include "tests/simulation/order_database.hpp"
#include "tests/simulation/payment_database.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <set>
#include <string>
#include <vector>

/// The simulated databases keep the contracts that MySQL keeps: otherwise the simulation proves nothing.
namespace platform::simulation {
namespace {

/// A database and what its process has on it, with a broker that takes nothing, so that what is told stays in the outbox.
template <class SomeDatabase>
class StoreDriver {
public:
    StoreDriver() {
        world_.checker.look_away();  // contracts are about stores, not about whole orders
        world_.broker.down = true;
    }
    void pass(Duration time) { world_.scheduler.run_for(time); }
    /// The values in the outbox.
    [[nodiscard]] std::multiset<std::string> told() const {
        std::multiset<std::string> values;
        for (const auto& record : database_.waiting()) values.insert(record.value);
        return values;
    }
    /// Every transaction fails at its end, or none.
    void refuse_events(bool refuse) { world_.faults.rolled_back = refuse ? 1 : 0; }

protected:
    OneProcess world_;
    metrics::Registry registry_{"test"};
    SomeDatabase database_{world_.scheduler, world_.checker};
    Session session_{world_.process, database_, world_.random, world_.faults};
    SimulatedOutboxStore outbox_{session_};
    outbox::Relay relay_{options(), outbox_, world_.producer, world_.process.clock(), registry_};

private:
    [[nodiscard]] static outbox::Relay::Options options() {
        outbox::Relay::Options options;
        options.claim = {.owner = "test:1", .lease = std::chrono::seconds(60)};
        return options;
    }
};

class OutboxDriver : public StoreDriver<Database> {
public:
    outbox::OutboxStore& store() { return outbox_; }
    void insert(const std::vector<outbox::OutboxRow>& rows, const outbox::Claim& claim) { database_.insert(rows, claim); }
};

class OrderSubject final : public order::StoreUnderTest, StoreDriver<OrderDatabase> {
public:
    order::OrderStore& store() override { return store_; }
    std::vector<std::string> told() override {
        std::vector<std::string> types;
        for (const auto& record : database_.waiting()) types.push_back(*kafka::find_header(record.headers, "ce_type"));
        std::ranges::sort(types);
        return types;
    }

private:
    SimulatedOrderStore store_{session_, database_, relay_, std::chrono::seconds(30)};
};

class PaymentDriver : public StoreDriver<PaymentDatabase> {
public:
    PaymentDriver() {
        database_.retry_pause = std::chrono::seconds(10);
        database_.refused_pause = std::chrono::minutes(1);
    }
    payment::PaymentStore& store() { return store_; }

private:
    SimulatedPaymentStore store_{session_, database_, relay_};
};

class InventoryDriver : public StoreDriver<InventoryDatabase> {
public:
    inventory::InventoryStore& store() { return store_; }
    [[nodiscard]] std::int64_t ledger_sum(const std::string& product) const { return database_.ledger_sum(product); }
    [[nodiscard]] std::int64_t movements() const { return std::ssize(database_.ledger); }
    void empty_inbox() { database_.forget_inbox(); }

private:
    SimulatedInventoryStore store_{session_, database_, relay_};
};

class MessageDriver : public StoreDriver<MessageDatabase> {
public:
    notification::MessageStore& store() { return store_; }
    void die() {
        for (auto& [key, row] : database_.rows) {
            if (!row.owner.empty()) row.owner = "test:earlier";
        }
    }

private:
    MailServer server_{world_.scheduler, world_.checker, std::chrono::minutes(1)};
    SimulatedMessageStore store_{session_, database_, relay_, server_};
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
