#pragma once
#include "tests/simulation/broker.hpp"
#include "tests/simulation/checker.hpp"
#include "tests/simulation/faults.hpp"
#include "tests/simulation/process.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/scheduler.hpp"

#include <chrono>

namespace platform::simulation {

/// One process and a broker on a quiet day, for tests that call ports themselves: it has no threads of its own. One thread.
struct OneProcess {
    Random random{1};
    Faults faults;
    Scheduler scheduler{random};
    Checker checker{scheduler, std::chrono::hours(1)};
    Broker broker{scheduler, random, faults, checker};
    Process process{scheduler, random, faults, "test", Duration{0}, [](Process&) { return nullptr; }};
    SimulatedProducer producer{process, broker, random, faults, std::chrono::seconds(30)};
};

}  // namespace platform::simulation
