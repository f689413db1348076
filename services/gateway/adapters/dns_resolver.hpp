#pragma once
#include "services/gateway/domain/ports.hpp"

namespace platform::gateway {

/// The system's resolver (getaddrinfo): behind a headless service every pod has an address of its own. A
/// number is its own answer.
class DnsResolver final : public Resolver {
public:
    [[nodiscard]] Result<std::vector<Address>> resolve(const Address& name) override;
};

}  // namespace platform::gateway
