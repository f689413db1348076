#include "services/payment/adapters/simulated_provider.hpp"

namespace platform::payment {

Result<Outcome> SimulatedProvider::charge(const ProviderRequest& request) {
    if (options_.declined_price && request.price == *options_.declined_price) {
        return Outcome{.accepted = false, .reference = "", .reason = "The card was declined."};
    }
    return Outcome{.accepted = true, .reference = "sim-" + Uuid::of_name(request.key).text(), .reason = ""};
}

Result<Outcome> SimulatedProvider::refund(const ProviderRequest& request) {
    return Outcome{.accepted = true, .reference = "sim-" + Uuid::of_name(request.key).text(), .reason = ""};
}

}  // namespace platform::payment
