#pragma once
#include "shared/runtime/worker.hpp"
#include "shared/service/service_runtime.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace platform::service {

/// Inner part of the runtime: a thread that does not exist before the database is usable; its wake() may come earlier. Thread-safe.
struct Task {
    std::string name;
    Runtime::Stage stage;
    Worker::Step step;
    std::mutex mutex;
    std::unique_ptr<Worker> worker;  // guarded by mutex

    void begin(const Clock& clock) {
        const std::lock_guard lock(mutex);
        worker = std::make_unique<Worker>(name, clock, step);
    }
    void wake() {
        const std::lock_guard lock(mutex);
        if (worker) worker->wake();
    }
    void end() {
        std::unique_ptr<Worker> ending;
        {
            const std::lock_guard lock(mutex);
            ending = std::move(worker);
        }
    }
};

}  // namespace platform::service
