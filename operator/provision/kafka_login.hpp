#pragma once
#include "operator/provision/trust_file.hpp"
#include "operator/reconcile/ports.hpp"
#include "shared/core/result.hpp"

#include <map>
#include <string>

namespace platform::provision {

/// What an admin client of shared/kafka needs besides the address: nothing without TLS. The authorities go to `trust`.
[[nodiscard]] Result<std::map<std::string, std::string>>
properties_of(const reconcile::KafkaLogin& login, TrustFile& trust);

}  // namespace platform::provision
