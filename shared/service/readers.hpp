#pragma once
#include "shared/core/result.hpp"
#include "shared/http/server.hpp"
#include "shared/service/service_runtime.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace platform::service {

/// Answers reads off the I/O threads: a bounded queue and a few workers. A full queue answers 503 + Retry-After at once. Make it while wiring. Thread-safe.
class Readers {
public:
    struct Options {
        std::size_t threads = 2;
        std::size_t max_queue = 256;
    };
    using Read = std::function<Result<http::Response>()>;

    Readers(Runtime& runtime, const std::string& name, Options options);
    Readers(Runtime& runtime, const std::string& name) : Readers(runtime, name, Options{}) {}
    Readers(const Readers&) = delete;
    Readers& operator=(const Readers&) = delete;

    /// `read` runs on a worker; an error is answered by its kind (http::to_problem).
    void read(http::Responder responder, Read read);

private:
    struct Job {
        http::Responder responder;
        Read read;
    };
    Duration step();

    Options options_;
    std::vector<std::function<void()>> wakes_;
    std::mutex mutex_;
    std::deque<Job> queue_;  // guarded by mutex_
};

}  // namespace platform::service
