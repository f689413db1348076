#include "shared/core/json.hpp"
#include "shared/events/events.hpp"
#include "tests/shared/events/samples.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace platform::events {
namespace {

TEST(Encode, WritesTheWireFormatOfTheGoldenFiles) {
    for (const auto& [name, event] : samples()) {
        SCOPED_TRACE(name);
        EXPECT_EQ(encode(event), golden(name));
    }
}

TEST(Encode, KeepsEveryDecimalOfAPriceAsAJsonNumber) {
    auto event = samples().front().event;
    for (const auto* text : {"0.0001", "199.99", "0.10", "922337203685477.5807", "12345678901234.5", "100"}) {
        SCOPED_TRACE(text);
        const Money price = Money::parse(text).value();
        std::get<OrderCreated>(event.payload).price = price;
        const auto parsed = json::parse(encode(event));
        ASSERT_TRUE(parsed);
        EXPECT_TRUE(parsed->find("price")->is(json::Value::Kind::Number));
        EXPECT_EQ(parsed->find("price")->text(), price.text());
        EXPECT_TRUE(parsed->find("amount")->is(json::Value::Kind::String));
    }
}

TEST(Encode, CutsALongReasonSoThatItCanBeRead) {
    std::string reason;
    for (int i = 0; i < 2000; ++i) reason += "ü";
    auto event = samples().front().event;
    event.payload = PaymentFailed{.code = FailureCode::PaymentDeclined, .reason = reason, .user_id = ""};
    const auto read = decode(encode(event));
    ASSERT_TRUE(read) << read.error().what;
    const auto& payment = std::get<PaymentFailed>(std::get<Event>(*read).payload);
    EXPECT_EQ(payment.reason.size(), 2 * 512U);
    EXPECT_TRUE(reason.starts_with(payment.reason));
}

TEST(Encode, IsJsonWhateverBytesAReasonHolds) {
    auto event = samples().front().event;
    event.payload = PaymentRefundFailed{.payment_id = {}, .reason = std::string("\xff\xfe\0 \n\x01 \xc3", 8)};
    const auto read = decode(encode(event));
    ASSERT_TRUE(read) << read.error().what;
}

}  // namespace
}  // namespace platform::events
