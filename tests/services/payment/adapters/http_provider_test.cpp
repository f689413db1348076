#include "services/payment/adapters/http_provider.hpp"

#include "shared/http/server.hpp"
#include "tests/services/payment/provider_contract.hpp"
#include "tests/services/payment/sandbox.hpp"

#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace platform::payment {
namespace {

using namespace std::chrono_literals;
using State = resilience::CircuitBreaker::State;

/// The provider over HTTP with the sandbox at its other end.
class SandboxDriver {
public:
    PaymentProvider& provider() { return provider_; }
    void lose_answers(bool lose) { sandbox_.rules(lose ? R"({"lostAnswerPercent":100})" : R"({"lostAnswerPercent":0})"); }
    void go_away(bool away) { sandbox_.rules(away ? R"({"outage":"cut"})" : R"({"outage":"none"})"); }

private:
    Sandbox sandbox_;
    SystemClock clock_;
    metrics::Registry registry_{"test"};
    resilience::CircuitBreaker breaker_{"payment-provider", {}, clock_};
    HttpProvider provider_{{.url = sandbox_.url(), .token = Sandbox::kToken}, breaker_, clock_, registry_};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Http, ProviderContract, SandboxDriver);

/// A server that answers every request of the contract with what the test says, and remembers what it was sent.
class HttpProviderTest : public testing::Test {
protected:
    HttpProviderTest() {
        const auto handler = [this](const http::Request& request, http::Responder responder) {
            const std::scoped_lock lock(mutex_);
            seen_.push_back(request);
            if (silent_) {
                held_.push_back(std::move(responder));
            } else {
                responder.send(http::Response{.status = status_, .body = body_, .headers = {}});
            }
        };
        for (const auto* path : {"/pay/v1/charges", "/pay/v1/refunds", "/pay/v1/voids"}) server_.route("POST", path, handler);
        server_.route("GET", "/pay/v1/operations/:key", handler);
        server_.start();
        provider_.emplace(options("secret-1"), breaker_, clock_, registry_);
    }
    [[nodiscard]] HttpProvider::Options options(std::string token, Duration timeout = 10s) const {
        return {
            .url = "http://127.0.0.1:" + std::to_string(server_.port()) + "/pay", .token = std::move(token), .timeout = timeout
        };
    }
    void TearDown() override {
        {
            const std::scoped_lock lock(mutex_);
            held_.clear();
        }
        server_.stop();
    }
    void answer(int status, std::string body) {
        const std::scoped_lock lock(mutex_);
        status_ = status;
        body_ = std::move(body);
    }
    void be_silent() {
        const std::scoped_lock lock(mutex_);
        silent_ = true;
    }
    http::Request last() {
        const std::scoped_lock lock(mutex_);
        return seen_.back();
    }
    std::size_t requests() {
        const std::scoped_lock lock(mutex_);
        return seen_.size();
    }
    double metric(const std::string& line) const {
        const std::string text = registry_.scrape();
        const auto at = text.find(line);
        return at == std::string::npos ? -1 : std::stod(text.substr(text.find("} ", at) + 2));
    }
    static std::string succeeded(const ProviderRequest& request) {
        return R"({"key":")" + request.key + R"(","status":"succeeded","reference":"ref-1"})";
    }

    SystemClock system_clock_;
    FakeClock clock_;
    metrics::Registry registry_{"test"};
    metrics::Registry server_registry_{"server"};
    std::mutex mutex_;
    int status_ = 200;                    // guarded by mutex_, as are the next four
    std::string body_ = "{}";
    bool silent_ = false;
    std::vector<http::Request> seen_;
    std::vector<http::Responder> held_;
    http::Server server_{{.host = "127.0.0.1"}, system_clock_, server_registry_};
    resilience::CircuitBreaker breaker_{
        "payment-provider",
        {.sliding_window_size = 4, .minimum_number_of_calls = 4, .permitted_number_of_calls_in_half_open_state = 2},
        clock_
    };
    std::optional<HttpProvider> provider_;
    const ProviderRequest charge_ = charge_of("a");
};

TEST_F(HttpProviderTest, SendsKeySecretAndBody) {
    answer(200, succeeded(charge_));
    EXPECT_EQ(provider_->charge(charge_)->reference, "ref-1");
    EXPECT_EQ(last().path, "/pay/v1/charges");
    EXPECT_EQ(last().header("idempotency-key"), charge_.key);
    EXPECT_EQ(last().header("authorization"), "Bearer secret-1");
    EXPECT_EQ(json::parse(last().body)->find("amount")->text(), charge_.amount.text());
    const auto refund = refund_of(charge_, "ref-1");
    answer(200, succeeded(refund));
    EXPECT_TRUE(provider_->refund(refund)->accepted);
    EXPECT_EQ(last().path, "/pay/v1/refunds");
    EXPECT_EQ(last().header("idempotency-key"), refund.key);
    EXPECT_EQ(json::parse(last().body)->find("charge")->text(), "ref-1");
    EXPECT_TRUE(provider_->find(refund).value()->accepted);
    EXPECT_EQ(last().path, "/pay/v1/operations/" + refund.key);
    answer(200, succeeded(charge_));
    EXPECT_TRUE(provider_->void_charge(charge_)->accepted) << "too late";
    EXPECT_EQ(json::parse(last().body)->find("key")->text(), charge_.key);
}

TEST_F(HttpProviderTest, AFaultOfConfigurationIsCountedAndDoesNotNameTheSecret) {
    answer(401, "{}");
    const auto refused = provider_->charge(charge_);
    EXPECT_EQ(refused.error().kind, ErrorKind::Denied);
    EXPECT_EQ(refused.error().what.find("secret-1"), std::string::npos);
    EXPECT_EQ(metric(R"(payment_provider_calls_total{application="test",operation="charge",outcome="misconfigured")"), 1);
}

TEST_F(HttpProviderTest, ATimeoutIsAnUnknownOutcome) {
    be_silent();
    HttpProvider hasty{options("", 50ms), breaker_, clock_, registry_};
    EXPECT_EQ(hasty.charge(charge_).error().kind, ErrorKind::Timeout);
    EXPECT_EQ(metric(R"(payment_provider_calls_total{application="test",operation="charge",outcome="unknown")"), 1);
    EXPECT_EQ(last().header("authorization"), std::nullopt) << "no token, no header";
}

TEST_F(HttpProviderTest, NobodyThereIsUnavailable) {
    HttpProvider nowhere{{.url = "http://127.0.0.1:1", .token = ""}, breaker_, clock_, registry_};
    EXPECT_EQ(nowhere.charge(charge_).error().kind, ErrorKind::Unavailable);
}

TEST_F(HttpProviderTest, AnEndlessAnswerIsNotRead) {
    answer(200, std::string(100'000, ' '));
    EXPECT_FALSE(provider_->charge(charge_).has_value());
}

TEST_F(HttpProviderTest, TheBreakerOpensAndTriesCarefully) {
    answer(500, "");
    for (int i = 0; i < 4; ++i) EXPECT_FALSE(provider_->charge(charge_).has_value());
    EXPECT_FALSE(provider_->reachable());
    const auto before = requests();
    EXPECT_EQ(provider_->charge(charge_).error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(requests(), before) << "nothing goes out";
    EXPECT_EQ(metric(R"(payment_provider_calls_total{application="test",operation="charge",outcome="not_permitted")"), 1);
    clock_.advance(60s);
    answer(200, succeeded(charge_));
    EXPECT_TRUE(provider_->charge(charge_).has_value());
    EXPECT_FALSE(provider_->reachable()) << "half open";
    EXPECT_TRUE(provider_->charge(charge_).has_value());
    EXPECT_TRUE(provider_->reachable());
}

TEST_F(HttpProviderTest, ADeclineIsNoFailureOfTheProvider) {
    answer(402, "");
    for (int i = 0; i < 8; ++i) EXPECT_FALSE(provider_->charge(charge_)->accepted);
    answer(404, "");
    for (int i = 0; i < 8; ++i) EXPECT_EQ(provider_->find(charge_).value(), std::nullopt);
    EXPECT_TRUE(provider_->reachable());
}

TEST_F(HttpProviderTest, ManyMayAskAtTheSameTime) {
    answer(200, succeeded(charge_));
    {
        std::vector<std::jthread> callers;
        for (int caller = 0; caller < 8; ++caller) {
            callers.emplace_back([&] {
                for (int i = 0; i < 20; ++i) EXPECT_TRUE(provider_->charge(charge_).has_value());
            });
        }
    }
    EXPECT_EQ(requests(), 160U);
}

}  // namespace
}  // namespace platform::payment
