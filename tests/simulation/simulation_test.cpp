#include "tests/simulation/simulation.hpp"

#include "shared/telemetry/log.hpp"

#include <gtest/gtest.h>


namespace platform::simulation {
namespace {

class SimulationTest : public testing::Test {
protected:
    SimulationTest() { log::set_threshold(log::Level::Error); }

    static Report run(std::uint64_t seed, std::size_t orders) {
        const Report report = simulate({.seed = seed, .orders = orders});
        EXPECT_FALSE(report.violation) << "seed " << seed << ": " << *report.violation
                                       << "\nagain: simulation --seed " << seed << " --orders " << orders;
        return report;
    }
};

TEST_F(SimulationTest, NothingIsLostAndNothingHappensTwice) {
    constexpr std::uint64_t kSeeds = 60;
    constexpr std::size_t kOrders = 300;
    std::uint64_t orders = 0;
    std::uint64_t crashes = 0;
    for (std::uint64_t seed = 1; seed <= kSeeds && !HasFailure(); ++seed) {
        const Report report = run(seed, kOrders);
        orders += report.orders;
        crashes += report.crashes;
    }
    EXPECT_GT(orders, kSeeds * kOrders * 9 / 10);
    EXPECT_GT(crashes, 0U);
}

TEST_F(SimulationTest, TheSameSeedGivesTheSameRun) {
    const Report first = run(7, 200);
    const Report second = run(7, 200);
    EXPECT_EQ(first.trace, second.trace);
    EXPECT_EQ(first.steps, second.steps);
    EXPECT_NE(first.trace, run(8, 200).trace);
}

}  // namespace
}  // namespace platform::simulation
