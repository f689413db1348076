#include "services/payment/adapters/http_provider.hpp"
#include "services/payment/adapters/mysql_payment_store.hpp"
#include "services/payment/domain/process_payments.hpp"
#include "services/payment/migrations/migrations.hpp"
#include "tests/services/payment/order_events.hpp"
#include "tests/services/payment/sandbox.hpp"
#include "tests/services/service_database.hpp"

#include <array>
#include <map>

namespace platform::payment {
namespace {

using namespace std::chrono_literals;

/// Passes everything on and throws the answers away while `crashed`: what a kill between the call and the commit leaves.
class CrashingProvider final : public PaymentProvider {
public:
    explicit CrashingProvider(PaymentProvider& real) : real_(real) {}
    Result<Outcome> charge(const ProviderRequest& request) override { return kept(real_.charge(request)); }
    Result<Outcome> refund(const ProviderRequest& request) override { return kept(real_.refund(request)); }
    Result<Outcome> void_charge(const ProviderRequest& request) override { return kept(real_.void_charge(request)); }
    Result<std::optional<Outcome>> find(const ProviderRequest& request) override { return real_.find(request); }
    [[nodiscard]] bool reachable() const override { return real_.reachable(); }
    bool crashed = false;

private:
    Result<Outcome> kept(Result<Outcome> outcome) const {
        if (crashed) return fail(ErrorKind::Unavailable, "the process was killed here");
        return outcome;
    }
    PaymentProvider& real_;
};

/// The service's payments on a real MySQL, and a provider with books of its own: whatever fails between the two, the books agree in the end.
class ReconciliationTest : public testing::Test {
protected:
    void handle(const OrderId& order, int number, events::Payload payload) {
        ASSERT_TRUE(process_.handle(std::array{order_event(order, number, std::move(payload))}));
    }
    void sweep() {
        database_.execute(mysql::Sql("UPDATE payments SET next_attempt_at = NOW(6) - INTERVAL 1 SECOND WHERE next_attempt_at IS NOT NULL"));
        while (process_.sweep() == Duration::zero()) {
        }
    }
    [[nodiscard]] State state(const OrderId& order) { return store_.find(order).value().value().state; }
    [[nodiscard]] std::size_t told() { return database_.told().size(); }

    test::ServiceDatabase database_{migrations()};
    Sandbox sandbox_;
    UuidGenerator ids_{database_.clock};
    MysqlPaymentStore store_{{}, database_.pool, database_.relay};
    resilience::CircuitBreaker breaker_{
        "payment-provider",
        {.sliding_window_size = 4, .minimum_number_of_calls = 4, .wait_duration_in_open_state = 1ms, .permitted_number_of_calls_in_half_open_state = 1},
        database_.clock
    };
    HttpProvider http_{
        {.url = sandbox_.url(), .token = Sandbox::kToken, .timeout = 500ms}, breaker_, database_.clock, database_.registry
    };
    CrashingProvider provider_{http_};
    ProcessPayments process_{{}, store_, provider_, database_.clock, ids_};
    const OrderId order_{Uuid::of_name("order")};
};

TEST_F(ReconciliationTest, ATimeoutAfterSuccessIsOneCharge) {
    sandbox_.rules(R"({"lostAnswerPercent":100,"lostAnswerMode":"hang"})");
    handle(order_, 1, created());
    EXPECT_EQ(state(order_), State::Pending);
    EXPECT_EQ(sandbox_.sum("charges"), 1) << "it happened";
    EXPECT_EQ(told(), 0U);
    sandbox_.rules(R"({"lostAnswerPercent":0})");
    sweep();
    EXPECT_EQ(state(order_), State::Completed);
    EXPECT_EQ(sandbox_.sum("charges"), 1);
    EXPECT_EQ(sandbox_.asked("charge"), 1) << "looked up, not charged again";
    EXPECT_EQ(told(), 1U);
}

TEST_F(ReconciliationTest, AKillBetweenCallAndCommitIsOneChargeAndOneRefund) {
    provider_.crashed = true;
    handle(order_, 1, created());
    EXPECT_EQ(state(order_), State::Pending);
    provider_.crashed = false;
    sweep();
    EXPECT_EQ(state(order_), State::Completed);
    provider_.crashed = true;
    handle(order_, 2, cancelled());
    EXPECT_EQ(state(order_), State::Refunding);
    provider_.crashed = false;
    sweep();
    EXPECT_EQ(state(order_), State::Refunded);
    EXPECT_EQ(sandbox_.sum("charges"), 1);
    EXPECT_EQ(sandbox_.sum("refunds"), 1);
    EXPECT_EQ(sandbox_.asked("charge"), 1);
    EXPECT_EQ(sandbox_.asked("refund"), 1);
    EXPECT_EQ(told(), 2U);
}

TEST_F(ReconciliationTest, AKillBetweenVoidAndCommitNeverCharges) {
    sandbox_.rules(R"({"outage":"error"})");
    handle(order_, 1, created());
    sandbox_.rules(R"({"outage":"none"})");
    provider_.crashed = true;
    handle(order_, 2, cancelled());
    EXPECT_EQ(state(order_), State::PendingCancel);
    provider_.crashed = false;
    sweep();
    EXPECT_EQ(state(order_), State::Voided);
    EXPECT_EQ(sandbox_.sum("charges"), 0);
    EXPECT_EQ(told(), 1U);
}

TEST_F(ReconciliationTest, AnOutageDeclinesNobodyAndIsMadeGood) {
    constexpr std::size_t kOrders = 30;
    sandbox_.rules(R"({"outage":"cut"})");
    std::vector<events::Event> batch;
    for (std::size_t i = 0; i < kOrders; ++i) {
        batch.push_back(order_event(OrderId{Uuid::of_name(std::to_string(i))}, static_cast<int>(i), created()));
    }
    ASSERT_TRUE(process_.handle(batch));
    sweep();
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM payments WHERE state = 'PENDING'"), std::int64_t{kOrders});
    EXPECT_EQ(told(), 0U);
    sandbox_.rules(R"({"outage":"none"})");
    ASSERT_TRUE(test::wait_until([this] {
        sweep();
        return told() == kOrders;
    }));
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM payments WHERE state = 'COMPLETED'"), std::int64_t{kOrders});
    EXPECT_EQ(sandbox_.sum("charges"), std::int64_t{kOrders});
    EXPECT_EQ(sandbox_.sum("chargedOrders"), std::int64_t{kOrders});
}

TEST_F(ReconciliationTest, ThePaymentsAgreeWithTheBooksOfAProviderThatWasKilled) {
    handle(order_, 1, created());
    sandbox_.kill();
    const OrderId other{Uuid::of_name("other")};
    handle(other, 2, created());
    handle(order_, 3, cancelled());
    sandbox_.start();
    ASSERT_TRUE(test::wait_until([&] {
        sweep();
        return state(order_) == State::Refunded && state(other) == State::Completed;
    }));
    EXPECT_EQ(sandbox_.sum("captured"), 2 * created().amount.units());
    EXPECT_EQ(sandbox_.sum("refunded"), created().amount.units());
}

TEST_F(ReconciliationTest, EveryEventAgainWithAnEmptiedInboxMovesNoMoney) {
    const auto name = [](const std::string& text) { return OrderId{Uuid::of_name(text)}; };
    const std::vector<events::Event> history{
        order_event(name("paid"), 1, created()),
        order_event(name("declined"), 2, created(99'999'900)),
        order_event(name("refunded"), 3, created()),
        order_event(name("refunded"), 4, cancelled()),
        order_event(name("late"), 5, cancelled()),
        order_event(name("late"), 6, created()),
    };
    for (const auto& event : history) ASSERT_TRUE(process_.handle(std::array{event}));
    const auto asked = [this] {
        return std::array{sandbox_.asked("charge"), sandbox_.asked("refund"), sandbox_.asked("void"), sandbox_.asked("find")};
    };
    const auto before = asked();
    EXPECT_EQ(before, (std::array<std::int64_t, 4>{3, 1, 0, 0}));
    database_.empty_inbox();
    ASSERT_TRUE(process_.handle(history));
    for (const auto& event : history) {
        database_.empty_inbox();
        ASSERT_TRUE(process_.handle(std::array{event}));
    }
    sweep();
    EXPECT_EQ(asked(), before);
    EXPECT_EQ(sandbox_.sum("captured") - sandbox_.sum("refunded"), created().amount.units());
}

TEST_F(ReconciliationTest, ABadSecretChargesNobodyAndDeclinesNobody) {
    HttpProvider wrong{{.url = sandbox_.url(), .token = "wrong"}, breaker_, database_.clock, database_.registry};
    ProcessPayments misconfigured{{}, store_, wrong, database_.clock, ids_};
    ASSERT_TRUE(misconfigured.handle(std::array{order_event(order_, 1, created())}));
    EXPECT_EQ(state(order_), State::Pending);
    EXPECT_EQ(told(), 0U);
    sweep();
    EXPECT_EQ(state(order_), State::Completed) << "with the right one";
    EXPECT_EQ(sandbox_.sum("charges"), 1);
}

}  // namespace
}  // namespace platform::payment
