#pragma once
#include "services/payment/domain/provider.hpp"
#include "shared/core/result.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The bodies of services/payment/provider-contract.yaml. Pure.
namespace platform::payment::protocol {

[[nodiscard]] std::string charge_body(const ProviderRequest& request);
[[nodiscard]] std::string refund_body(const ProviderRequest& request);
[[nodiscard]] std::string void_body(const ProviderRequest& request);
/// The idempotency key of the wish to void a charge.
[[nodiscard]] std::string void_key(const OrderId& order);

/// What an answer about `key` says. Errors: Unavailable for an unknown outcome; Denied for 401 and 403; Invalid for other 4xx and what is no answer
/// of the contract; Internal for a body that breaks it. None of them quotes what the provider sent.
[[nodiscard]] Result<Outcome> read_outcome(std::string_view key, int status, std::string_view body);
/// The same for a look-up, where 404 means that the provider has not heard of the key.
[[nodiscard]] Result<std::optional<Outcome>> read_found(std::string_view key, int status, std::string_view body);

}  // namespace platform::payment::protocol
