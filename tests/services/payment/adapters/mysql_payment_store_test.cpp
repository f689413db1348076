#include "services/payment/adapters/mysql_payment_store.hpp"

#include "services/payment/adapters/simulated_provider.hpp"
#include "services/payment/domain/process_payments.hpp"
#include "services/payment/migrations/migrations.hpp"
#include "tests/services/payment/store_contract.hpp"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <map>
#include <thread>

namespace platform::payment {
namespace {

using namespace std::chrono_literals;

class MysqlDriver {
public:
    PaymentStore& store() { return store_; }
    void pass(Duration time) {
        const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
        database.execute(mysql::Sql(
            "UPDATE payments SET next_attempt_at = next_attempt_at - INTERVAL ? MICROSECOND", micros
        ));
    }
    [[nodiscard]] std::multiset<std::string> told() { return database.told(); }
    void refuse_events(bool refuse) { database.refuse_events(refuse); }

    test::ServiceDatabase database{migrations()};

private:
    MysqlPaymentStore store_{{}, database.pool, database.relay};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Mysql, PaymentStoreContract, MysqlDriver);

/// Counts how often money moved, by key.
class CountingProvider final : public PaymentProvider {
public:
    Result<Outcome> charge(const ProviderRequest& request) override {
        ++asked[request.key];
        return simulator_.charge(request);
    }
    Result<Outcome> refund(const ProviderRequest& request) override {
        ++asked[request.key];
        return simulator_.refund(request);
    }
    std::map<std::string, int> asked;

private:
    FakeClock clock_;
    SimulatedProvider simulator_{{.declined_price = Money::of_units(99'999'900)}, clock_};
};

class MysqlPaymentStoreTest : public testing::Test {
protected:
    PaymentStore& store() { return driver_.store(); }
    test::ServiceDatabase& database() { return driver_.database; }
    /// So many payments that the provider has to be asked about.
    void add_due(int count) {
        std::vector<Occasion> occasions;
        for (int i = 0; i < count; ++i) occasions.push_back({.order_id = order_named(std::to_string(i)), .event_id = {}});
        ASSERT_TRUE(store().change(occasions, [&](std::size_t index, std::optional<Payment>& payment) {
            payment = payment_of(occasions[index].order_id);
            return std::vector<events::Event>{};
        }));
        driver_.pass(11s);
    }

    MysqlDriver driver_;
    UuidGenerator ids_{driver_.database.clock};
    CountingProvider provider_;
    ProcessPayments process_{{}, driver_.store(), provider_, driver_.database.clock, ids_};
    const OrderId a_ = order_named("a");
    const OrderId b_ = order_named("b");
};

TEST_F(MysqlPaymentStoreTest, AReplayWithAnEmptiedInboxMovesNoMoneyAgain) {
    const std::vector<events::Event> history{
        order_event(a_, 1, created()),
        order_event(b_, 2, created(99'999'900)),
        order_event(order_named("c"), 3, created()),
        order_event(order_named("c"), 4, cancelled()),
        order_event(order_named("d"), 5, cancelled()),
        order_event(order_named("d"), 6, created()),
    };
    ASSERT_TRUE(process_.handle(history));
    const auto asked = provider_.asked;
    const auto states = [&] {
        std::vector<std::string> texts;
        for (const auto& row :
             database().rows("SELECT HEX(order_id), state, transaction_id, refund_id FROM payments ORDER BY 1"
             )) {
            texts.push_back(row.text(0) + " " + row.text(1) + " " + row.text(2) + " " + row.text(3));
        }
        return texts;
    };
    const auto before = states();
    ASSERT_EQ(before.size(), 4U);
    ASSERT_FALSE(asked.empty());

    database().empty_inbox();
    ASSERT_TRUE(process_.handle(history));
    for (const auto& event : history) {
        database().empty_inbox();
        ASSERT_TRUE(process_.handle(std::array{event})) << "one by one as well";
    }
    EXPECT_EQ(provider_.asked, asked);
    EXPECT_EQ(states(), before);
}

TEST_F(MysqlPaymentStoreTest, ARedeliveredEventIsNotToldAgain) {
    const std::array batch{order_event(a_, 1, created())};
    ASSERT_TRUE(process_.handle(batch));
    ASSERT_EQ(database().told().size(), 1U);
    ASSERT_TRUE(process_.handle(batch));
    EXPECT_EQ(database().told().size(), 1U);
}

TEST_F(MysqlPaymentStoreTest, TwoProcessesCannotBothMakeThePaymentOfAnOrder) {
    // Create and cancel meet in two members of the group, after a partition moved: whoever loses has to look
    // again, or the tombstone would replace a payment that is being charged.
    std::barrier both(2);
    const auto make = [&](State state) {
        std::atomic<bool> first = true;
        const std::array occasions{Occasion{.order_id = a_, .event_id = std::nullopt}};
        return store().change(occasions, [&](std::size_t, std::optional<Payment>& payment) {
            if (first.exchange(false)) both.arrive_and_wait();
            EXPECT_FALSE(payment.has_value());
            payment = payment_of(a_, state);
            return std::vector<events::Event>{};
        });
    };
    Result<void> voided;
    Result<void> opened;
    {
        const std::jthread other([&] { voided = make(State::Voided); });
        opened = make(State::Pending);
    }
    ASSERT_NE(voided.has_value(), opened.has_value()) << "exactly one of them";
    EXPECT_EQ((voided ? opened : voided).error().kind, ErrorKind::Unavailable) << "so that it is tried again";
    EXPECT_EQ(store().find(a_).value()->state, voided ? State::Voided : State::Pending);
}

TEST_F(MysqlPaymentStoreTest, CrossedBatchesAllComeToAnEnd) {
    constexpr int kBatches = 20;
    constexpr int kTries = 50;
    std::atomic<int> done = 0;
    {
        std::vector<std::jthread> members;
        for (int member = 0; member < 2; ++member) {
            members.emplace_back([&, member] {
                for (int batch = 0; batch < kBatches; ++batch) {
                    const int number = (member * kBatches + batch) * 2;
                    std::vector<Occasion> occasions{
                        {.order_id = a_, .event_id = EventId{Uuid::of_name(std::to_string(number))}},
                        {.order_id = b_, .event_id = EventId{Uuid::of_name(std::to_string(number + 1))}}
                    };
                    if (member == 1) std::ranges::reverse(occasions);
                    for (int tries = 0; tries < kTries; ++tries) {
                        const auto changed = store().change(
                            occasions,
                            [&](std::size_t index, std::optional<Payment>& payment) {
                                if (!payment) payment = payment_of(occasions[index].order_id);
                                payment->attempts += 1;
                                return std::vector<events::Event>{};
                            }
                        );
                        if (!changed) continue;
                        ++done;
                        break;
                    }
                }
            });
        }
    }
    EXPECT_EQ(done, 2 * kBatches);
    EXPECT_EQ(store().find(a_).value()->attempts, 2 * kBatches) << "no change was lost, none was made twice";
    EXPECT_EQ(store().find(b_).value()->attempts, 2 * kBatches);
}

TEST_F(MysqlPaymentStoreTest, ASweeperReadsWhatItTakesAlone) {
    add_due(100);
    const auto before = database().rows_read();
    ASSERT_EQ(store().take_due(7, 10s)->size(), 7U);
    EXPECT_LT(database().rows_read() - before, 50) << "what is read is locked, and hidden from the next sweeper";
}

TEST_F(MysqlPaymentStoreTest, TwoSweepersTakeDifferentPayments) {
    constexpr int kPayments = 100;
    add_due(kPayments);
    std::mutex mutex;
    std::vector<OrderId> taken;  // guarded by mutex
    std::atomic<int> failures = 0;
    {
        std::vector<std::jthread> sweepers;
        for (int i = 0; i < 2; ++i) {
            sweepers.emplace_back([&] {
                while (true) {
                    const auto due = store().take_due(7, 10s);
                    if (!due) ++failures;
                    if (!due || due->empty()) return;
                    const std::scoped_lock lock(mutex);
                    for (const auto& payment : *due) taken.push_back(payment.order_id);
                }
            });
        }
    }
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(taken.size(), kPayments);
    std::ranges::sort(taken);
    EXPECT_EQ(std::ranges::adjacent_find(taken), taken.end()) << "a payment was taken twice";
}

TEST_F(MysqlPaymentStoreTest, EventsGoToTheRelayAfterTheCommitOnly) {
    const std::array occasions{Occasion{.order_id = a_, .event_id = std::nullopt}};
    const auto tell = [&](std::size_t, std::optional<Payment>&) {
        return std::vector{
            order_event(a_, 1, events::PaymentVoided{}), order_event(a_, 2, events::PaymentVoided{})
        };
    };
    database().refuse_events(true);
    ASSERT_FALSE(store().change(occasions, tell));
    EXPECT_TRUE(database().producer.taken().empty());
    database().refuse_events(false);
    ASSERT_TRUE(store().change(occasions, tell));
    const auto taken = database().producer.taken();
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(taken[0].topic, "payment.events");
    EXPECT_EQ(taken[0].key, a_.text());
    EXPECT_EQ(taken[0].value, events::encode(order_event(a_, 1, events::PaymentVoided{})))
        << "in their order";
}

TEST_F(MysqlPaymentStoreTest, WithoutAServerEveryCallSaysUnavailable) {
    mysql::Options nowhere;
    nowhere.port = 1;
    mysql::Pool pool("nowhere", nowhere, database().clock, database().registry);
    MysqlPaymentStore lost{{}, pool, database().relay};
    const std::array occasions{Occasion{.order_id = a_, .event_id = std::nullopt}};
    EXPECT_EQ(lost.change(occasions, {}).error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(lost.take_due(1, 1s).error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(lost.find(a_).error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(lost.find(PaymentId{}).error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace platform::payment
