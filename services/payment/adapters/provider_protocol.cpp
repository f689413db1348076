#include "services/payment/adapters/provider_protocol.hpp"

#include "shared/core/json.hpp"
#include "shared/core/json_writer.hpp"

#include <algorithm>
#include <utility>

namespace platform::payment::protocol {
namespace {

constexpr std::size_t kLongestReference = 128;  // what payments_db and the events keep

/// A member that is a string, or nothing.
std::optional<std::string> text_of(const json::Value& object, std::string_view name) {
    const auto* member = object.find(name);
    if (member == nullptr || !member->is(json::Value::Kind::String)) return std::nullopt;
    return member->text();
}

bool usable_reference(std::string_view reference) {
    return !reference.empty() && reference.size() <= kLongestReference &&
           std::ranges::all_of(reference, [](char c) { return c > ' ' && c <= '~'; });
}

Result<Outcome> broken(const char* why) {
    return fail({.kind = ErrorKind::Internal, .what = std::string("the provider's answer breaks the contract: ") + why, .outcome_unknown = true});
}

Error of_status(int status) {
    const std::string what = "the provider answered " + std::to_string(status);
    switch (status) {
        case 408:  // request timeout
        case 409:  // the key is being worked on
        case 425:  // too early
        case 429:  // too many requests
            return {.kind = ErrorKind::Unavailable, .what = what, .outcome_unknown = true};
        case 401:
        case 403: return {.kind = ErrorKind::Denied, .what = what + ": PROVIDER_TOKEN is not accepted"};
        case 422: return {.kind = ErrorKind::Invalid, .what = what + ": the key was used with another body"};
        default: break;
    }
    if (status >= 500) return {.kind = ErrorKind::Unavailable, .what = what, .outcome_unknown = true};
    return {.kind = ErrorKind::Invalid, .what = what, .outcome_unknown = true};
}

Result<Outcome> read_body(std::string_view key, std::string_view body, bool payment_required) {
    const auto parsed = json::parse(body);
    if (!parsed || !parsed->is(json::Value::Kind::Object)) {
        // A refusal needs no words.
        if (payment_required) return Outcome{.accepted = false, .reference = "", .reason = "The payment was declined."};
        return broken("the body is not a JSON object");
    }
    const auto status = text_of(*parsed, "status");
    const std::string reason = text_of(*parsed, "reason").value_or("");
    if (payment_required) {
        if (status && *status != "declined") return broken("402 with another status than declined");
        return Outcome{.accepted = false, .reference = "", .reason = reason.empty() ? "The payment was declined." : reason};
    }
    if (text_of(*parsed, "key") != std::string(key)) return broken("it is about another key");
    if (status == "declined") return Outcome{.accepted = false, .reference = "", .reason = reason};
    if (status == "voided") return Outcome{.accepted = false, .reference = "", .reason = reason, .voided = true};
    if (status == "pending") {
        return fail({.kind = ErrorKind::Unavailable, .what = "the provider is still at it", .outcome_unknown = true});
    }
    if (status != "succeeded") return broken("there is no such status");
    const std::string reference = text_of(*parsed, "reference").value_or("");
    if (!usable_reference(reference)) return broken("the reference is missing, too long or not printable");
    return Outcome{.accepted = true, .reference = reference, .reason = ""};
}

json::Writer& add_money(json::Writer& json, const ProviderRequest& request) {
    return json.field("orderId", request.order_id.text())
        .field("amount", request.amount.text())
        .field("currency", request.currency);
}

}  // namespace

std::string charge_body(const ProviderRequest& request) {
    json::Writer json;
    return add_money(json.begin_object(), request).field("price", request.price.text()).end_object().take();
}

std::string refund_body(const ProviderRequest& request) {
    json::Writer json;
    return add_money(json.begin_object(), request).field("charge", request.transaction_id).end_object().take();
}

std::string void_body(const ProviderRequest& request) {
    json::Writer json;
    return json.begin_object().field("key", request.key).end_object().take();
}

std::string void_key(const OrderId& order) {
    return "order:" + order.text() + ":void";
}

Result<Outcome> read_outcome(std::string_view key, int status, std::string_view body) {
    if (status == 200 || status == 201) return read_body(key, body, false);
    if (status == 402) return read_body(key, body, true);
    return fail(of_status(status));
}

Result<std::optional<Outcome>> read_found(std::string_view key, int status, std::string_view body) {
    if (status == 404) return std::optional<Outcome>{};
    if (status == 402) return fail(of_status(status));  // somebody wants money for the look-up
    auto outcome = read_outcome(key, status, body);
    if (!outcome) return fail(std::move(outcome).error());
    return std::optional(*std::move(outcome));
}

}  // namespace platform::payment::protocol
