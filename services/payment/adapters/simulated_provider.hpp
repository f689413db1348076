#pragma once
#include "services/payment/domain/provider.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/money.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <random>

namespace platform::payment {

/// A provider in this process, for evaluation. It keeps nothing, and needs not: what it decides about a key depends on the key alone, so that the same key
/// always gets the same answer; only whether the answer arrives depends on chance and time. It cannot void. Thread-safe.
class SimulatedProvider final : public PaymentProvider {
public:
    struct Options {
        std::optional<Money> declined_price = std::nullopt;  ///< of one piece
        double declined_percent = 0;     ///< charges declined besides
        double error_percent = 0;        ///< calls that fail before anything happened
        double lost_answer_percent = 0;  ///< calls whose answer is lost after the money moved: Timeout
        Duration latency{0};             ///< of every call
        Duration outage_after{0};        ///< calls fail from then on, counted from the start ...
        Duration outage{0};              ///< ... for so long
        std::uint64_t seed = 1;
    };
    using Wait = std::function<void(Duration)>;

    /// `wait` passes the latency; by default it blocks the caller.
    SimulatedProvider(Options options, const Clock& clock, Wait wait = {});
    [[nodiscard]] Result<Outcome> charge(const ProviderRequest& request) override;
    [[nodiscard]] Result<Outcome> refund(const ProviderRequest& request) override;

private:
    [[nodiscard]] Outcome decide_charge(const ProviderRequest& request) const;
    /// Delays the outcome, or loses it.
    [[nodiscard]] Result<Outcome> deliver(Outcome outcome);

    const Options options_;
    const Clock& clock_;
    const Instant started_;
    Wait wait_;
    std::mutex mutex_;
    std::mt19937_64 random_;  // guarded by mutex_
};

}  // namespace platform::payment
