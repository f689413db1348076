#include "shared/service/readers.hpp"

#include "shared/http/problem.hpp"
#include "shared/telemetry/log.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace platform::service {

Readers::Readers(Runtime& runtime, const std::string& name, Options options) : options_(options) {
    for (std::size_t i = 0; i < options_.threads; ++i) {
        wakes_.push_back(
            runtime.work(name + "-" + std::to_string(i), Runtime::Stage::Requests, [this](Instant) { return step(); })
        );
    }
}

void Readers::read(http::Responder responder, Read read) {
    bool queued = false;
    {
        const std::lock_guard lock(mutex_);
        if (queue_.size() < options_.max_queue) {
            queue_.push_back({.responder = std::move(responder), .read = std::move(read)});
            queued = true;
        }
    }
    if (queued) {
        for (const auto& wake : wakes_) wake();  // all of them: any one may be busy with a slow read
        return;
    }
    responder.send(
        http::Problem{
            .status = 503,
            .code = "overloaded",
            .detail = "Too many reads are waiting. Try again in a moment.",
            .errors = {},
            .headers = {{"Retry-After", "1"}}
        }
    );
}

Duration Readers::step() {
    std::optional<Job> job;
    {
        const std::lock_guard lock(mutex_);
        if (queue_.empty()) return std::chrono::hours(1);
        job = std::move(queue_.front());
        queue_.pop_front();
    }
    const log::CorrelationScope scope(job->responder.correlation_id());
    auto answer = job->read();
    if (answer) {
        job->responder.send(*std::move(answer));
    } else {
        if (answer.error().kind != ErrorKind::NotFound) {
            log::warn("a read failed", {{"kind", to_string(answer.error().kind)}, {"why", answer.error().what}});
        }
        job->responder.send(http::to_problem(answer.error()));
    }
    return Duration::zero();
}

}  // namespace platform::service
