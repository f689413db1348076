#pragma once
#include "services/order/domain/accept_queue.hpp"
#include "tests/simulation/process.hpp"
#include "tests/simulation/world.hpp"

#include <functional>

namespace platform::simulation {

/// The order service as its clients see it.
class OrderService : public Program {
public:
    /// POST: false when it is refused at the door.
    [[nodiscard]] virtual bool place(order::Job& job) = 0;
    /// Whatever else an HTTP handler does, on a thread of the service.
    virtual void request(std::function<void(order::OrderStore&, UuidGenerator&)> work) = 0;
};

/// Starts the replicas of all services: their real parts, wired as each app.cpp wires them, on simulated ports.
void start_services(World& world);

}  // namespace platform::simulation
