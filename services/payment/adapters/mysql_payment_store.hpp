#pragma once
#include "services/payment/domain/payment_store.hpp"
#include "shared/core/clock.hpp"
#include "shared/mysql/pool.hpp"
#include "shared/outbox/relay.hpp"

#include <string>
#include <string_view>

namespace platform::payment {

/// Payments in MySQL, with inbox and outbox in the same transaction. Thread-safe.
class MysqlPaymentStore final : public PaymentStore {
public:
    struct Options {
        std::string group = "payment-service";
        std::string topic = "payment.events";
        Duration retry_pause = std::chrono::seconds(10);         ///< first look at an open payment by the sweeper
        Duration failed_refund_pause = std::chrono::minutes(1);  ///< until a refund that was told as failed is tried again
    };
    MysqlPaymentStore(Options options, mysql::Pool& pool, outbox::Relay& relay);

    [[nodiscard]] Result<void> change(std::span<const Occasion> occasions, const Change& change) override;
    [[nodiscard]] Result<std::vector<Payment>> take_due(std::size_t limit, Duration pause) override;
    [[nodiscard]] Result<std::optional<Payment>> find(const OrderId& order) override;
    [[nodiscard]] Result<std::optional<Payment>> find(const PaymentId& payment);

private:
    [[nodiscard]] Result<std::optional<Payment>> find_by(std::string_view column, const Uuid& id);

    Options options_;
    mysql::Pool& pool_;
    outbox::Relay& relay_;
};

}  // namespace platform::payment
