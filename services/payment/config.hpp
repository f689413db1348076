#pragma once
#include "services/payment/domain/process_payments.hpp"
#include "shared/config/settings.hpp"
#include "shared/core/money.hpp"

#include <optional>

namespace platform::payment {

/// The settings of this service alone; shared/service reads those that all services have.
struct Config {
    std::optional<Money> declined_price;
    ProcessPayments::Options process;
};

[[nodiscard]] Config read_config(config::Reader& reader);

}  // namespace platform::payment
