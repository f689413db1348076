#include "services/gateway/domain/discovery.hpp"

#include "shared/telemetry/log.hpp"

#include <utility>

namespace platform::gateway {

Discovery::Discovery(
    Endpoints& endpoints,
    std::vector<Address> names,
    Resolver& resolver,
    Prober& prober,
    const Clock& clock,
    Duration interval
)
    : endpoints_(endpoints),
      names_(std::move(names)),
      resolver_(resolver),
      prober_(prober),
      clock_(clock),
      interval_(interval),
      answers_(names_.size()) {}

Duration Discovery::step() {
    look_up();
    ran_ = true;
    for (const auto& pod : endpoints_.pods()) {
        const bool ready = prober_.ready(pod.address);
        const auto status = ready ? Endpoints::Status::Up : Endpoints::Status::Down;
        if (status != pod.status) {
            log::info(
                ready ? "a pod is up" : "a pod is down",
                {{"upstream", endpoints_.service()}, {"pod", pod.address.text()}}
            );
        }
        endpoints_.probed(pod.address, ready, clock_.wall());
    }
    return interval_;
}

void Discovery::look_up() {
    std::vector<Address> pods;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        auto answer = resolver_.resolve(names_[i]);
        if (answer) {
            answers_[i] = *std::move(answer);
        } else {
            log::debug(
                "the pods of a service were not found",
                {{"name", names_[i].text()}, {"why", answer.error().what}}
            );
        }
        pods.insert(pods.end(), answers_[i].begin(), answers_[i].end());
    }
    const auto count = pods.size();
    if (endpoints_.update(std::move(pods))) {
        log::info("the pods of a service changed", {{"upstream", endpoints_.service()}, {"pods", count}});
    }
}

}  // namespace platform::gateway
