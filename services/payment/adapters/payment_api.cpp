#include "services/payment/adapters/payment_api.hpp"

#include "shared/core/json_writer.hpp"
#include "shared/http/problem.hpp"

#include <string>
#include <utility>

namespace platform::payment {
namespace {

std::string to_json(const Payment& payment) {
    json::Writer json;
    json.begin_object()
        .field("paymentId", payment.payment_id.text())
        .field("orderId", payment.order_id.text())
        .field("state", to_string(payment.state))
        .field("amount", payment.amount.text())
        .field("currency", payment.currency)
        .field("attempts", payment.attempts);
    if (!payment.transaction_id.empty()) json.field("transactionId", payment.transaction_id);
    if (!payment.refund_id.empty()) json.field("refundId", payment.refund_id);
    if (payment.failure_code) json.field("failureCode", events::code_name(*payment.failure_code));
    if (!payment.failure_reason.empty()) json.field("failureReason", payment.failure_reason);
    return json.end_object().take();
}

http::Problem bad_id(const std::string& name, const std::string& whose) {
    return {
        .status = 400,
        .code = "invalid-parameter",
        .detail = name + " has to be the UUID of " + whose + ".",
        .errors = {{.pointer = "/" + name, .message = "has to be a UUID"}},
        .headers = {},
    };
}

}  // namespace

PaymentApi::PaymentApi(MysqlPaymentStore& store, service::Runtime& runtime) : store_(store), readers_(runtime, "payment-api") {
    runtime.serve("GET", "/api/payments", [this](const http::Request& request, http::Responder responder) {
        const auto found = request.query.find("orderId");
        const auto order = OrderId::parse(found == request.query.end() ? "" : found->second);
        if (!order) return responder.send(bad_id("orderId", "an order"));
        show(std::move(responder), *order);
    });
    runtime.serve("GET", "/api/payments/:id", [this](const http::Request& request, http::Responder responder) {
        const auto payment = PaymentId::parse(request.params.at("id"));
        if (!payment) return responder.send(bad_id("paymentId", "a payment"));
        show(std::move(responder), *payment);
    });
}

template <class IdType>
void PaymentApi::show(http::Responder responder, const IdType& id) {
    readers_.read(std::move(responder), [this, id]() -> Result<http::Response> {
        auto payment = store_.find(id);
        if (!payment) return fail(std::move(payment).error());
        if (!*payment) return fail(ErrorKind::NotFound, "no payment");
        return http::Response{.status = 200, .content_type = "application/json", .body = to_json(**payment), .headers = {}};
    });
}

}  // namespace platform::payment
