#pragma once
#include "services/payment/domain/payment_store.hpp"
#include "services/payment/domain/provider.hpp"
#include "shared/outbox/relay.hpp"
#include "tests/simulation/database.hpp"

#include <map>
#include <set>
#include <string>
#include <unordered_map>

namespace platform::simulation {

/// payments_db. One thread.
class PaymentDatabase : public Database {
public:
    using Database::Database;
    Duration retry_pause = std::chrono::seconds(5);     ///< until the first look at an open payment
    Duration refused_pause = std::chrono::seconds(20);  ///< until a refused refund is tried again

    [[nodiscard]] const payment::Payment* find(const OrderId& order) const;
    void write(const payment::Payment& payment);
    [[nodiscard]] std::vector<payment::Payment> take_due(std::size_t limit, Duration pause);

private:
    void look_at(const OrderId& order, std::optional<Instant> when);
    std::unordered_map<OrderId, payment::Payment> payments_;
    std::unordered_map<OrderId, Instant> next_look_;
    std::set<std::pair<Instant, OrderId>> looks_;
};

/// Does what the MySQL adapter does, step by step.
class SimulatedPaymentStore final : public payment::PaymentStore {
public:
    SimulatedPaymentStore(Session session, PaymentDatabase& database, outbox::Relay& relay)
        : session_(session), database_(database), relay_(relay) {}
    [[nodiscard]] Result<void> change(std::span<const payment::Occasion> occasions, const Change& change) override;
    [[nodiscard]] Result<std::vector<payment::Payment>> take_due(std::size_t limit, Duration pause) override;
    [[nodiscard]] Result<std::optional<payment::Payment>> find(const OrderId& order) override;

private:
    Session session_;
    PaymentDatabase& database_;
    outbox::Relay& relay_;
};

/// The company that moves the money, outside of the platform: it keeps a ledger by idempotency key, survives everything,
/// and does not always answer.
class Bank {
public:
    explicit Bank(Checker& checker) : checker_(checker) {}
    bool down = false;
    bool voids = false;  ///< can promise that a charge is never made; else it settles the charge
    bool finds = false;  ///< can be asked what it has done
    Money declined_price;

    [[nodiscard]] payment::Outcome charge(const payment::ProviderRequest& request);
    [[nodiscard]] payment::Outcome void_charge(const payment::ProviderRequest& request);
    [[nodiscard]] payment::Outcome refund(const payment::ProviderRequest& request, bool refuse);
    [[nodiscard]] std::optional<payment::Outcome> find(const payment::ProviderRequest& request) const;

private:
    Checker& checker_;
    std::unordered_map<std::string, payment::Outcome> ledger_;  ///< by idempotency key
};

/// The way of a process to the bank.
class SimulatedProvider final : public payment::PaymentProvider {
public:
    SimulatedProvider(Process& process, Bank& bank, Random& random, const Faults& faults)
        : process_(process), bank_(bank), random_(random), faults_(faults) {}
    [[nodiscard]] Result<payment::Outcome> charge(const payment::ProviderRequest& request) override;
    [[nodiscard]] Result<payment::Outcome> refund(const payment::ProviderRequest& request) override;
    [[nodiscard]] Result<payment::Outcome> void_charge(const payment::ProviderRequest& request) override;
    [[nodiscard]] Result<std::optional<payment::Outcome>> find(const payment::ProviderRequest& request) override;

private:
    template <class Answer, class Work>
    [[nodiscard]] Result<Answer> call(Work work);

    Process& process_;
    Bank& bank_;
    Random& random_;
    const Faults& faults_;
};

}  // namespace platform::simulation
