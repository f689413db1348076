#pragma once
#include "services/payment/adapters/http_provider.hpp"
#include "services/payment/adapters/simulated_provider.hpp"
#include "services/payment/domain/process_payments.hpp"
#include "shared/config/settings.hpp"
#include "shared/core/clock.hpp"

#include <cstddef>

namespace platform::payment {

/// The settings of this service alone; shared/service reads those that all services have.
struct Config {
    bool over_http = false;  ///< else the simulator
    HttpProvider::Options http;
    SimulatedProvider::Options simulator;
    std::size_t concurrency = 1;
    ProcessPayments::Options process;
    Duration failed_refund_pause{0};
};

[[nodiscard]] Config read_config(config::Reader& reader);

}  // namespace platform::payment
