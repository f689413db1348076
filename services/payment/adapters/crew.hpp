#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace platform::payment {

/// A bounded number of threads that share the calls of batches; the caller of a batch works too, so that a batch always comes to its end.
/// Bodies must not throw. Thread-safe.
class Crew {
public:
    /// At most `concurrency` calls of one batch at a time (>= 1; 1 = the caller alone).
    explicit Crew(std::size_t concurrency);
    ~Crew();
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    /// body(0) .. body(count - 1), each once; returns when all have ended.
    void for_each(std::size_t count, const std::function<void(std::size_t)>& body);

private:
    struct Batch {
        const std::function<void(std::size_t)>& body;
        const std::size_t count;
        std::size_t next = 0;
        std::size_t ended = 0;
    };
    void run(const std::stop_token& stop);
    /// Takes one call of the batch, makes it without the lock, and counts it.
    void work(std::unique_lock<std::mutex>& lock, Batch& batch);

    std::mutex mutex_;
    std::condition_variable_any waiting_;
    std::condition_variable ended_;
    std::deque<Batch*> batches_;         // with calls that nobody has taken yet; guarded by mutex_, as are the batches
    std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace platform::payment
