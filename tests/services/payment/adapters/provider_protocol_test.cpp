#include "services/payment/adapters/provider_protocol.hpp"

#include <gtest/gtest.h>

#include <string>

namespace platform::payment::protocol {
namespace {

const std::string kKey = "order:1:charge";

std::string body_of(const std::string& status, const std::string& more = "") {
    return R"({"key":")" + kKey + R"(","status":")" + status + "\"" + more + "}";
}

TEST(ProviderProtocol, WritesWhatTheContractAsksFor) {
    const OrderId order = OrderId::parse("00000000-0000-7000-8000-000000000001").value();
    const ProviderRequest request{
        .key = charge_key(order),
        .order_id = order,
        .amount = Money::of_units(399'800),
        .price = Money::of_units(199'900),
        .currency = "EUR",
        .transaction_id = "ch_1"
    };
    EXPECT_EQ(
        charge_body(request),
        R"({"orderId":"00000000-0000-7000-8000-000000000001","amount":"39.98","currency":"EUR","price":"19.99"})"
    );
    EXPECT_EQ(
        refund_body(request),
        R"({"orderId":"00000000-0000-7000-8000-000000000001","amount":"39.98","currency":"EUR","charge":"ch_1"})"
    );
    EXPECT_EQ(void_body(request), R"({"key":"order:00000000-0000-7000-8000-000000000001:charge"})");
    EXPECT_EQ(void_key(order), "order:00000000-0000-7000-8000-000000000001:void");
}

TEST(ProviderProtocol, ReadsOutcomes) {
    const auto accepted = read_outcome(kKey, 200, body_of("succeeded", R"(,"reference":"ch_1")"));
    EXPECT_TRUE(accepted->accepted);
    EXPECT_EQ(accepted->reference, "ch_1");
    EXPECT_TRUE(read_outcome(kKey, 201, body_of("succeeded", R"(,"reference":"ch_1")"))->accepted);
    const auto declined = read_outcome(kKey, 200, body_of("declined", R"(,"reason":"no")"));
    EXPECT_FALSE(declined->accepted);
    EXPECT_FALSE(declined->voided);
    EXPECT_EQ(declined->reason, "no");
    EXPECT_TRUE(read_outcome(kKey, 200, body_of("voided"))->voided);
    EXPECT_EQ(read_outcome(kKey, 402, body_of("declined", R"(,"reason":"no")"))->reason, "no");
    EXPECT_FALSE(read_outcome(kKey, 402, "Payment Required")->reason.empty());
}

TEST(ProviderProtocol, EveryOtherAnswerIsUnknownOrAFaultOfConfiguration) {
    for (const int status : {408, 409, 425, 429, 500, 502, 503, 504, 599}) {
        const auto unknown = read_outcome(kKey, status, body_of("declined"));
        ASSERT_FALSE(unknown.has_value()) << status;
        EXPECT_EQ(unknown.error().kind, ErrorKind::Unavailable) << status;
    }
    for (const int status : {100, 202, 204, 301, 302, 400, 404, 405, 410, 415, 418, 422}) {
        const auto wrong = read_outcome(kKey, status, body_of("declined"));
        ASSERT_FALSE(wrong.has_value()) << status;
        EXPECT_EQ(wrong.error().kind, ErrorKind::Invalid) << status;
    }
    for (const int status : {401, 403}) EXPECT_EQ(read_outcome(kKey, status, "").error().kind, ErrorKind::Denied);
    EXPECT_EQ(read_outcome(kKey, 200, body_of("pending")).error().kind, ErrorKind::Unavailable);
}

TEST(ProviderProtocol, AnswersThatBreakTheContractAreNotBelieved) {
    for (const std::string& body : {
             std::string(),
             std::string("OK"),
             std::string("[]"),
             std::string("{}"),
             body_of("won"),
             body_of("succeeded"),
             body_of("succeeded", R"(,"reference":"")"),
             body_of("succeeded", R"(,"reference":17)"),
             body_of("succeeded", R"(,"reference":"two words")"),
             body_of("succeeded", R"(,"reference":"語")"),
             body_of("succeeded", R"(,"reference":")" + std::string(129, 'r') + "\""),
             std::string(R"({"key":"order:2:charge","status":"succeeded","reference":"ch_1"})"),
             std::string(R"({"status":"declined"})"),
         }) {
        const auto broken = read_outcome(kKey, 200, body);
        ASSERT_FALSE(broken.has_value()) << body;
        EXPECT_EQ(broken.error().kind, ErrorKind::Internal) << body;
        EXPECT_TRUE(broken.error().outcome_unknown) << body;
    }
    EXPECT_EQ(read_outcome(kKey, 402, body_of("succeeded")).error().kind, ErrorKind::Internal);
    const auto longest = body_of("succeeded", R"(,"reference":")" + std::string(128, 'r') + "\"");
    EXPECT_EQ(read_outcome(kKey, 200, longest)->reference.size(), 128U);
}

TEST(ProviderProtocol, ALookUpMayFindNothing) {
    EXPECT_EQ(read_found(kKey, 404, "").value(), std::nullopt);
    EXPECT_TRUE(read_found(kKey, 200, body_of("succeeded", R"(,"reference":"ch_1")")).value()->accepted);
    EXPECT_EQ(read_found(kKey, 402, "").error().kind, ErrorKind::Invalid) << "no outcome";
    EXPECT_EQ(read_found(kKey, 500, "").error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(read_found(kKey, 401, "").error().kind, ErrorKind::Denied);
}

}  // namespace
}  // namespace platform::payment::protocol
