#include "services/payment/adapters/crew.hpp"

#include "shared/core/check.hpp"

#include <algorithm>

namespace platform::payment {

Crew::Crew(std::size_t concurrency) {
    CHECK(concurrency >= 1, "somebody has to work");
    for (std::size_t i = 1; i < concurrency; ++i) {
        threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
    }
}

Crew::~Crew() {
    for (auto& thread : threads_) thread.request_stop();
}

void Crew::work(std::unique_lock<std::mutex>& lock, Batch& batch) {
    const std::size_t mine = batch.next++;
    if (batch.next == batch.count) std::erase(batches_, &batch);
    lock.unlock();
    batch.body(mine);
    lock.lock();
    // The batch lives on its caller's stack and is gone as soon as the lock is, if this was its last call.
    if (++batch.ended == batch.count) ended_.notify_all();
}

void Crew::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (waiting_.wait(lock, stop, [this] { return !batches_.empty(); })) work(lock, *batches_.front());
}

void Crew::for_each(std::size_t count, const std::function<void(std::size_t)>& body) {
    if (count == 0) return;
    Batch batch{.body = body, .count = count};
    std::unique_lock lock(mutex_);
    batches_.push_back(&batch);
    if (count > 1) waiting_.notify_all();
    while (batch.next < batch.count) work(lock, batch);
    ended_.wait(lock, [&batch] { return batch.ended == batch.count; });
}

}  // namespace platform::payment
