#include "services/order/domain/accept_queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace platform::order {

bool AcceptQueue::too_old(Instant now) const {
    const auto old = [&](const std::deque<Job>& lane) {
        return !lane.empty() && now - lane.front().queued_at > options_.max_age;
    };
    return old(plain_) || old(keyed_);
}

bool AcceptQueue::push(Job& job) {
    const Instant now = clock_.now();
    const std::lock_guard lock(mutex_);
    if (closed_ || plain_.size() + keyed_.size() >= options_.limit || too_old(now)) return false;
    job.queued_at = now;
    lane_of(job.order.key ? Lane::Keyed : Lane::Plain).push_back(std::move(job));
    return true;
}

std::vector<Job> AcceptQueue::take(Lane lane, std::size_t limit) {
    const std::lock_guard lock(mutex_);
    auto& jobs = lane_of(lane);
    const auto end = jobs.begin() + static_cast<std::ptrdiff_t>(std::min(limit, jobs.size()));
    std::vector<Job> batch{std::make_move_iterator(jobs.begin()), std::make_move_iterator(end)};
    jobs.erase(jobs.begin(), end);
    return batch;
}

void AcceptQueue::close() {
    std::deque<Job> left;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        left.swap(plain_);
        std::ranges::move(keyed_, std::back_inserter(left));
        keyed_.clear();
    }
    for (Job& job : left) job.answer(std::unexpected(Refused::Unavailable));
}

std::size_t AcceptQueue::size() const {
    const std::lock_guard lock(mutex_);
    return plain_.size() + keyed_.size();
}

}  // namespace platform::order
