#pragma once
#include "services/payment/domain/provider.hpp"
#include "shared/core/clock.hpp"
#include "shared/http/client.hpp"
#include "shared/http/client_metrics.hpp"
#include "shared/resilience/circuit_breaker.hpp"
#include "shared/telemetry/metrics.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace platform::payment {

/// A provider behind HTTP, as services/payment/provider-contract.yaml has it. Every call goes through the breaker; what is not an answer of the contract
/// counts as its failure, faults of configuration too, so that a provider that refuses us is asked a few times a minute and not for every order.
/// Metrics: payment_provider_calls_total{operation,outcome}, payment_provider_call_seconds{operation}. Thread-safe: each concurrent call has a connection.
class HttpProvider final : public PaymentProvider {
public:
    struct Options {
        std::string url;    ///< http://host:port/base, without a slash at its end
        std::string token;  ///< sent as bearer token, never logged; empty sends none
        Duration connect_timeout = std::chrono::seconds(1);
        Duration timeout = std::chrono::seconds(3);  ///< for a whole call
    };
    HttpProvider(Options options, resilience::CircuitBreaker& breaker, const Clock& clock, metrics::Registry& registry);

    [[nodiscard]] Result<Outcome> charge(const ProviderRequest& request) override;
    [[nodiscard]] Result<Outcome> refund(const ProviderRequest& request) override;
    [[nodiscard]] Result<Outcome> void_charge(const ProviderRequest& request) override;
    [[nodiscard]] Result<std::optional<Outcome>> find(const ProviderRequest& request) override;
    [[nodiscard]] bool reachable() const override;

private:
    enum class Operation : std::uint8_t { Charge, Refund, Void, Find };
    struct Meters;

    struct Question {
        Operation operation;
        std::string method;
        std::string path;
        std::string idempotency_key;
        std::string body;
    };
    /// Asks through the breaker; `read` turns status and body into what the answer says.
    template <class T, class Read>
    [[nodiscard]] Result<T> ask(const Question& question, Read read);
    [[nodiscard]] Result<Outcome> order(Question question, const std::string& key);
    [[nodiscard]] Result<http::ClientResponse> send(const Question& question);

    const Options options_;
    resilience::CircuitBreaker& breaker_;
    const Clock& clock_;
    const std::shared_ptr<const Meters> meters_;  // shared_ptr: only for its typeless deleter, it has one owner
    http::ClientMetrics http_metrics_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<http::Client>> idle_;  // guarded by mutex_
};

}  // namespace platform::payment
