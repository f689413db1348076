#include "services/payment/adapters/http_provider.hpp"

#include "services/payment/adapters/provider_protocol.hpp"

#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace platform::payment {
namespace {

constexpr std::size_t kMaxAnswerBytes = 64 * 1024;
constexpr std::array<const char*, 4> kOperationNames{"charge", "refund", "void", "find"};
constexpr std::array<const char*, 4> kTemplates{"/v1/charges", "/v1/refunds", "/v1/voids", "/v1/operations/{key}"};
constexpr std::array<const char*, 7> kOutcomeNames{
    "accepted", "declined", "voided", "absent", "unknown", "misconfigured", "not_permitted"
};

std::string_view name_of(const Outcome& outcome) {
    if (outcome.accepted) return "accepted";
    return outcome.voided ? "voided" : "declined";
}
std::string_view name_of(const std::optional<Outcome>& outcome) {
    return outcome ? name_of(*outcome) : "absent";
}

}  // namespace

struct HttpProvider::Meters {
    explicit Meters(metrics::Registry& registry) {
        for (const auto* operation : kOperationNames) {
            seconds.push_back(registry.timer(
                "payment_provider_call_seconds", "Calls of the payment provider that went out", {{"operation", operation}}
            ));
            auto& counters = calls.emplace_back();
            for (const auto* outcome : kOutcomeNames) {
                counters.emplace(
                    outcome,
                    registry.counter(
                        "payment_provider_calls_total",
                        "Questions to the payment provider by what came of them",
                        {{"operation", operation}, {"outcome", outcome}}
                    )
                );
            }
        }
    }
    std::vector<metrics::Timer> seconds;                                           // by operation
    std::vector<std::map<std::string, metrics::Counter, std::less<>>> calls;  // by operation
};

HttpProvider::HttpProvider(
    Options options, resilience::CircuitBreaker& breaker, const Clock& clock, metrics::Registry& registry
)
    : options_(std::move(options)),
      breaker_(breaker),
      clock_(clock),
      meters_(std::make_shared<const Meters>(registry)),
      http_metrics_(registry, "payment-provider") {}

Result<http::ClientResponse> HttpProvider::send(const Question& question) {
    std::unique_ptr<http::Client> client;
    {
        const std::scoped_lock lock(mutex_);
        if (!idle_.empty()) {
            client = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!client) client = std::make_unique<http::Client>();
    http::ClientRequest request;
    request.method = question.method;
    request.url = options_.url + question.path;
    request.headers = {{"Accept", "application/json"}};
    if (!options_.token.empty()) request.headers.emplace_back("Authorization", "Bearer " + options_.token);
    if (!question.idempotency_key.empty()) request.headers.emplace_back("Idempotency-Key", question.idempotency_key);
    if (!question.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.body = question.body;
    request.connect_timeout = options_.connect_timeout;
    request.timeout = options_.timeout;
    request.max_response_bytes = kMaxAnswerBytes;
    const Instant began = clock_.now();
    auto answer = client->send(request);
    http_metrics_.sent(question.method, kTemplates[static_cast<std::size_t>(question.operation)], answer, clock_.now() - began);
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(client));
    return answer;
}

template <class T, class Read>
Result<T> HttpProvider::ask(const Question& question, Read read) {
    const auto operation = static_cast<std::size_t>(question.operation);
    const auto count = [&](std::string_view outcome) { meters_->calls[operation].find(outcome)->second.add(); };
    if (!breaker_.try_acquire()) {
        count("not_permitted");
        return fail(ErrorKind::Unavailable, "the breaker of the payment provider is open");
    }
    const Instant began = clock_.now();
    auto answer = send(question);
    Result<T> said = answer ? read(answer->status, answer->body) : Result<T>(fail(std::move(answer).error()));
    const Duration took = clock_.now() - began;
    meters_->seconds[operation].record(took);
    if (said) {
        breaker_.succeeded(took);
        count(name_of(*said));
    } else {
        breaker_.failed(took);
        count(retryable(said.error().kind) ? "unknown" : "misconfigured");
    }
    return said;
}

Result<Outcome> HttpProvider::order(Question question, const std::string& key) {
    question.method = "POST";
    return ask<Outcome>(question, [&key](int status, std::string_view body) {
        return protocol::read_outcome(key, status, body);
    });
}

Result<Outcome> HttpProvider::charge(const ProviderRequest& request) {
    return order(
        {.operation = Operation::Charge,
         .method = {},
         .path = "/v1/charges",
         .idempotency_key = request.key,
         .body = protocol::charge_body(request)},
        request.key
    );
}

Result<Outcome> HttpProvider::refund(const ProviderRequest& request) {
    return order(
        {.operation = Operation::Refund,
         .method = {},
         .path = "/v1/refunds",
         .idempotency_key = request.key,
         .body = protocol::refund_body(request)},
        request.key
    );
}

Result<Outcome> HttpProvider::void_charge(const ProviderRequest& request) {
    return order(
        {.operation = Operation::Void,
         .method = {},
         .path = "/v1/voids",
         .idempotency_key = protocol::void_key(request.order_id),
         .body = protocol::void_body(request)},
        request.key
    );
}

Result<std::optional<Outcome>> HttpProvider::find(const ProviderRequest& request) {
    const Question question{
        .operation = Operation::Find,
        .method = "GET",
        .path = "/v1/operations/" + request.key,
        .idempotency_key = {},
        .body = {}
    };
    return ask<std::optional<Outcome>>(question, [&request](int status, std::string_view body) {
        return protocol::read_found(request.key, status, body);
    });
}

bool HttpProvider::reachable() const {
    return breaker_.snapshot().state == resilience::CircuitBreaker::State::Closed;
}

}  // namespace platform::payment
