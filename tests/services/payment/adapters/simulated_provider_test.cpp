#include "services/payment/adapters/simulated_provider.hpp"

#include "tests/services/payment/provider_contract.hpp"

#include <vector>

namespace platform::payment {
namespace {

using namespace std::chrono_literals;

/// A simulator cannot be told anything while it runs: the driver exchanges it for one with other settings, which gives the same answers.
class SimulatorDriver {
public:
    PaymentProvider& provider() {
        auto& one = lost_ ? loses_ : away_ ? away_provider_ : well_;
        return one;
    }
    void lose_answers(bool lose) { lost_ = lose; }
    void go_away(bool away) { away_ = away; }

private:
    bool lost_ = false;
    bool away_ = false;
    FakeClock clock_;
    SimulatedProvider well_{{.declined_price = kDeclinedPrice}, clock_};
    SimulatedProvider loses_{{.declined_price = kDeclinedPrice, .lost_answer_percent = 100}, clock_};
    SimulatedProvider away_provider_{{.declined_price = kDeclinedPrice, .outage = 1s}, clock_};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Simulator, ProviderContract, SimulatorDriver);

class SimulatedProviderTest : public testing::Test {
protected:
    /// How many of 1,000 orders end as `wanted` says.
    template <class Wanted>
    int count(SimulatedProvider::Options options, Wanted wanted) {
        SimulatedProvider provider{options, clock_};
        int found = 0;
        for (int i = 0; i < 1000; ++i) found += wanted(provider.charge(charge_of(std::to_string(i)))) ? 1 : 0;
        return found;
    }
    FakeClock clock_;
};

TEST_F(SimulatedProviderTest, WithoutADeclinedPriceEverythingIsAccepted) {
    EXPECT_EQ(count({}, [](const Result<Outcome>& outcome) { return outcome && outcome->accepted; }), 1000);
}

TEST_F(SimulatedProviderTest, DeclinesAShareTheSameOnesEachTime) {
    const auto declined = [](const Result<Outcome>& outcome) { return outcome && !outcome->accepted; };
    EXPECT_NEAR(count({.declined_percent = 30}, declined), 300, 60);
    EXPECT_EQ(count({.declined_percent = 100}, declined), 1000);
    SimulatedProvider one{{.declined_percent = 30}, clock_};
    SimulatedProvider other{{.declined_percent = 30}, clock_};
    for (int i = 0; i < 100; ++i) {
        const auto request = charge_of(std::to_string(i));
        EXPECT_EQ(one.charge(request)->accepted, other.charge(request)->accepted);
    }
}

TEST_F(SimulatedProviderTest, FailsAndLosesAShare) {
    const auto failed = [](const Result<Outcome>& outcome) {
        return !outcome && outcome.error().kind == ErrorKind::Unavailable;
    };
    const auto lost = [](const Result<Outcome>& outcome) {
        return !outcome && outcome.error().kind == ErrorKind::Timeout;
    };
    const SimulatedProvider::Options options{.error_percent = 10, .lost_answer_percent = 40};
    EXPECT_NEAR(count(options, failed), 100, 40);
    EXPECT_NEAR(count(options, lost), 400, 80);
}

TEST_F(SimulatedProviderTest, IsAwayForItsOutageOnly) {
    SimulatedProvider provider{{.outage_after = 10s, .outage = 5s}, clock_};
    EXPECT_TRUE(provider.charge(charge_of("a")));
    clock_.advance(10s);
    EXPECT_EQ(provider.charge(charge_of("a")).error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(provider.refund(charge_of("a")).error().kind, ErrorKind::Unavailable);
    clock_.advance(5s);
    EXPECT_TRUE(provider.charge(charge_of("a")));
}

TEST_F(SimulatedProviderTest, TakesItsTime) {
    std::vector<Duration> waited;
    SimulatedProvider provider{{.latency = 70ms}, clock_, [&](Duration time) { waited.push_back(time); }};
    EXPECT_TRUE(provider.charge(charge_of("a")));
    EXPECT_TRUE(provider.refund(charge_of("a")));
    EXPECT_EQ(waited, (std::vector<Duration>{70ms, 70ms}));
}

TEST_F(SimulatedProviderTest, BlocksByDefault) {
    const SystemClock clock;
    SimulatedProvider provider{{.latency = 5ms}, clock};
    const Instant before = clock.now();
    EXPECT_TRUE(provider.charge(charge_of("a")));
    EXPECT_GE(clock.now() - before, 5ms);
}

}  // namespace
}  // namespace platform::payment
