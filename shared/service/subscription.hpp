#pragma once
#include "shared/kafka/consumer_loop.hpp"
#include "shared/runtime/worker.hpp"
#include "shared/service/service_runtime.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace platform::service {

/// Inner part of the runtime: one member of a group with its loop. Both are made when the database is usable, so that no partition is held by a process that
/// cannot work.
struct Subscription {
    std::string name;
    std::vector<std::string> topics;
    kafka::BatchHandler* handler;
    resilience::Retry* retry;
    resilience::CircuitBreaker* breaker;
    Runtime::Reading reading;
    std::unique_ptr<kafka::Consumer> consumer;
    std::unique_ptr<kafka::ConsumerLoop> loop;
    std::unique_ptr<Worker> worker;
    std::atomic<int> failures{0};

    /// Waits for the batch that is being applied. Nothing when it was never made.
    void leave() {
        if (!worker) return;
        worker->stop();
        loop->close();
    }
};

}  // namespace platform::service
