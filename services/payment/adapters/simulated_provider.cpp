#include "services/payment/adapters/simulated_provider.hpp"

#include "shared/core/pause.hpp"

#include <utility>

namespace platform::payment {
namespace {

/// 0 <= x < 100, evenly, the same for the same text.
double percent_of(const std::string& text) {
    const auto bytes = Uuid::of_name(text).bytes();
    // The first bytes of a UUIDv8 are free of version and variant bits.
    const unsigned number = (static_cast<unsigned>(bytes[0]) << 16U) | (static_cast<unsigned>(bytes[1]) << 8U) | bytes[2];
    return number * 100.0 / (1U << 24U);
}

std::string reference_of(const std::string& key) {
    return "sim-" + Uuid::of_name(key).text();
}

}  // namespace

SimulatedProvider::SimulatedProvider(Options options, const Clock& clock, Wait wait)
    : options_(options),
      clock_(clock),
      started_(clock.now()),
      wait_(wait ? std::move(wait) : [](Duration time) { pause(time); }),
      random_(options.seed) {}

Outcome SimulatedProvider::decide_charge(const ProviderRequest& request) const {
    const bool dear = options_.declined_price && request.price == *options_.declined_price;
    if (dear || percent_of(std::to_string(options_.seed) + request.key) < options_.declined_percent) {
        return {.accepted = false, .reference = "", .reason = "The card was declined."};
    }
    return {.accepted = true, .reference = reference_of(request.key), .reason = ""};
}

Result<Outcome> SimulatedProvider::deliver(Outcome outcome) {
    if (options_.latency > Duration::zero()) wait_(options_.latency);
    const Duration running = clock_.now() - started_;
    if (running >= options_.outage_after && running < options_.outage_after + options_.outage) {
        return fail(ErrorKind::Unavailable, "the simulated provider is away");
    }
    if (options_.error_percent <= 0 && options_.lost_answer_percent <= 0) return outcome;
    const std::scoped_lock lock(mutex_);
    const double chance = std::uniform_real_distribution<double>(0, 100)(random_);
    if (chance < options_.error_percent) return fail(ErrorKind::Unavailable, "the simulated provider failed");
    if (chance < options_.error_percent + options_.lost_answer_percent) {
        return fail(ErrorKind::Timeout, "the simulated provider's answer was lost");
    }
    return outcome;
}

Result<Outcome> SimulatedProvider::charge(const ProviderRequest& request) {
    return deliver(decide_charge(request));
}

Result<Outcome> SimulatedProvider::refund(const ProviderRequest& request) {
    return deliver({.accepted = true, .reference = reference_of(request.key), .reason = ""});
}

}  // namespace platform::payment
