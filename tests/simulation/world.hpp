#pragma once
#include "shared/core/clock.hpp"
#include "shared/mysql/pool.hpp"
#include "shared/telemetry/metrics.hpp"
#include "tests/simulation/broker.hpp"
#include "tests/simulation/checker.hpp"
#include "tests/simulation/faults.hpp"
#include "tests/simulation/inventory_database.hpp"
#include "tests/simulation/message_database.hpp"
#include "tests/simulation/order_database.hpp"
#include "tests/simulation/payment_database.hpp"
#include "tests/simulation/process.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/scheduler.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace platform::simulation {

/// Settings of the services, the same for all replicas of a run.
struct Settings {
    std::size_t replicas = 2;
    std::size_t max_batch = 500;  ///< of a poll
    Duration message_timeout = std::chrono::seconds(5);
    Duration message_lease = std::chrono::seconds(20);  ///< of a notification
    Duration stuck_after = std::chrono::seconds(5);
    Duration deadline = std::chrono::minutes(2);
    Duration worst_skew{0};  ///< of a machine's calendar
};

/// Everything outside of the processes, and the processes. One thread.
struct World {
    World(std::uint64_t seed, const Settings& given);

    Random random;
    Faults faults;
    Settings settings;
    Scheduler scheduler;
    Checker checker;
    Broker broker;
    OrderDatabase orders;
    PaymentDatabase payments;
    InventoryDatabase stock;
    MessageDatabase messages;
    Bank bank;
    MailServer mail;
    metrics::Registry registry;
    mysql::Pool no_database;  ///< of DeadLetters, which nobody needs: all records are events

    std::vector<std::unique_ptr<Process>> order_services;
    std::vector<std::unique_ptr<Process>> other_services;
};

}  // namespace platform::simulation
