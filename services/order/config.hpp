#pragma once
#include "services/order/domain/accept_queue.hpp"
#include "services/order/domain/committer.hpp"
#include "services/order/domain/order_waits.hpp"
#include "services/order/domain/sweeper.hpp"
#include "shared/config/settings.hpp"

#include <cstddef>
#include <string>

namespace platform::order {

/// The settings of this service alone; shared/service reads those that all services have.
struct Config {
    std::string default_currency = "EUR";
    AcceptQueue::Options queue;
    Committer::Options committer;
    std::size_t committers = 2;
    Sweeper::Options sweeper;
    OrderWaits::Options waits;
    struct Timeline {
        bool on = true;
        std::string group = "order-timeline";
        Duration pace = std::chrono::seconds(1);
        Duration retention = std::chrono::days(7);
    } timeline;
    Duration key_retention = std::chrono::hours(24);
    struct Pricing {
        bool verify = false;  ///< orders are held to the catalogue's prices
        Duration refresh = std::chrono::seconds(1);
    } pricing;
};

[[nodiscard]] Config read_config(config::Reader& reader);

}  // namespace platform::order
