#pragma once
#include "shared/core/clock.hpp"

namespace platform::simulation {

/// How often what goes wrong, as probabilities at each occasion; all zero is a quiet day.
struct Faults {
    // Processes, at each call of a port.
    double interleave = 0;  ///< other threads run meanwhile
    double crash = 0;       ///< kill -9
    double stall = 0;       ///< SIGSTOP, or one call that takes very long
    Duration longest_stall = std::chrono::seconds(1);
    // Databases, at each transaction.
    double refused = 0;      ///< the connection is lost before the transaction
    double rolled_back = 0;  ///< deadlock, lock wait, connection lost before COMMIT
    double unknown = 0;  ///< connection lost during COMMIT: half of them are committed
    // Broker, at each record, poll and commit.
    double send_lost = 0;   ///< the record does not arrive, and times out
    double ack_lost = 0;    ///< it arrives, but the producer is told a timeout
    double sent_twice = 0;  ///< it arrives twice
    double overtaken = 0;   ///< it arrives before earlier ones of its producer, as after a retry
    double queue_full = 0;
    double poll_failed = 0;
    double commit_failed = 0;
    Duration network = std::chrono::milliseconds(1);  ///< typical; the worst is much longer
    Duration worst_network = std::chrono::milliseconds(50);
    // Payment provider and mail server, at each request.
    double request_lost = 0;
    double answer_lost = 0;  ///< it has its effect
    double refund_refused = 0;

    /// Everything heals.
    void calm() { *this = {.interleave = interleave}; }
};

}  // namespace platform::simulation
