#pragma once
#include "operator/reconcile/desired.hpp"

#include <string>

namespace platform::reconcile {

/// The values of charts/infrastructure as JSON. Pure; the same input gives the same text.
[[nodiscard]] std::string
infrastructure_values(const api::Spec& spec, const Defaults& defaults, const Desired& desired);

/// The values of charts/service for one service. Passwords are references to Secrets, never values.
[[nodiscard]] std::string service_values(
    const ServiceFacts& service,
    const api::Spec& spec,
    const Defaults& defaults,
    const Desired& desired,
    const std::map<std::string, SecretSeen>& secrets
);

}  // namespace platform::reconcile
