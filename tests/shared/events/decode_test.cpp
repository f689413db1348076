#include "shared/core/time_text.hpp"
#include "shared/events/events.hpp"
#include "tests/shared/events/samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace platform::events {
namespace {

/// `text` with the first `from` replaced by `to`.
std::string with(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string created() {
    return golden("order_created");
}

Event read(const std::string& text) {
    auto event = decode(text);
    EXPECT_TRUE(event) << event.error().what;
    return event ? std::get<Event>(*event) : Event{};
}

TEST(Decode, ReadsBackWhatEncodeWrites) {
    for (const auto& [name, event] : samples()) {
        SCOPED_TRACE(name);
        const auto read = decode(encode(event));
        ASSERT_TRUE(read) << read.error().what;
        const auto& again = std::get<Event>(*read);
        EXPECT_EQ(again.payload.index(), event.payload.index());
        EXPECT_EQ(again.order_id, event.order_id);
        EXPECT_EQ(again.metadata.event_id, event.metadata.event_id);
        EXPECT_EQ(again.metadata.causation_id, event.metadata.causation_id);
        EXPECT_EQ(again.metadata.occurred_at, event.metadata.occurred_at);
        EXPECT_EQ(encode(again), encode(event));
    }
}

TEST(Decode, ReadsEveryField) {
    const Event event = read(created());
    EXPECT_EQ(event.metadata.correlation_id, "web:7a1e.42");
    EXPECT_EQ(event.metadata.source_service, "order-service");
    const auto& order = std::get<OrderCreated>(event.payload);
    EXPECT_EQ(order.user_id, "customer-7");
    EXPECT_EQ(order.product_id, "P-1001");
    EXPECT_EQ(order.quantity, 3);
    EXPECT_EQ(order.price.text(), "199.99");
    EXPECT_EQ(order.amount.text(), "599.97");
    EXPECT_EQ(order.currency, "EUR");
}

TEST(Decode, ReadsTheLinesOfAnOrder) {
    const std::string several = golden("order_created_items");
    const auto order = std::get<OrderCreated>(read(several).payload);
    ASSERT_EQ(order.items.size(), 3U);
    EXPECT_EQ(order.items[0], (Item{order.product_id, order.quantity, order.price}));
    EXPECT_EQ(order.items[1].product_id, "P-2");
    EXPECT_EQ(order.items[1].price.text(), "0.0001");
    EXPECT_EQ(order.amount.text(), "699.9701");

    const auto summed = read(with(several, "\"amount\":\"699.9701\",", ""));
    EXPECT_EQ(std::get<OrderCreated>(summed.payload).amount.text(), "699.9701") << "over all lines";

    for (const auto* none : {"[]", "null"}) {
        const auto single = read(with(created(), "\"quantity\":3", "\"quantity\":3,\"items\":" + std::string(none)));
        EXPECT_TRUE(std::get<OrderCreated>(single.payload).items.empty()) << none;
    }
    const auto reserved = std::get<InventoryReserved>(read(golden("inventory_reserved_items")).payload);
    EXPECT_EQ(reserved.items.at(1), (Line{"P-2", 3'000'000'000}));
}

TEST(Decode, ReadsEventsOfAProductWithoutAnOrder) {
    const Event event = read(golden("inventory_adjusted"));
    EXPECT_TRUE(event.order_id.uuid.is_nil());
    EXPECT_EQ(key_of(event), "P-1001");
    const auto& adjusted = std::get<InventoryAdjusted>(event.payload);
    EXPECT_EQ(adjusted.revision, 7);
    EXPECT_EQ(adjusted.delta, -12);
    EXPECT_EQ(adjusted.available, 5'000'000'000);
    EXPECT_EQ(adjusted.price.value().text(), "199.99");
    EXPECT_EQ(adjusted.currency, "USD");
    EXPECT_EQ(std::get<InventoryAdjusted>(read(golden("inventory_adjusted_bare")).payload).price, std::nullopt);
    EXPECT_EQ(std::get<PaymentRefunded>(read(golden("payment_refunded_user")).payload).user_id, "customer-7");
}

TEST(Decode, KeepsEveryDecimalOfAPrice) {
    for (const auto& [text, units] : std::vector<std::pair<std::string, std::int64_t>>{
             {"0.0001", 1},
             {"0.1", 1'000},
             {"199.99", 1'999'900},
             {"199.990000", 1'999'900},
             {"1e2", 1'000'000},
             {"1.5E+3", 15'000'000},
             {"100000000000.0001", 1'000'000'000'000'001},
         }) {
        SCOPED_TRACE(text);
        const Event event = read(with(created(), "\"price\":199.99", "\"price\":" + text));
        EXPECT_EQ(std::get<OrderCreated>(event.payload).price.units(), units);
    }
}

TEST(Decode, ReadsTheRecordsOfTheReferenceSystem) {
    const Event order = read(golden("reference/order_created"));
    const auto& created = std::get<OrderCreated>(order.payload);
    EXPECT_EQ(to_rfc3339(order.metadata.occurred_at), "2025-11-22T10:00:00.123456Z");  // cut, not rounded
    EXPECT_EQ(created.product_id, "0b0e7c60-4c1f-4e0e-9a57-2f4a2f3c9d11");
    EXPECT_EQ(created.price.text(), "49.90");
    EXPECT_EQ(created.amount.text(), "99.80");
    EXPECT_EQ(created.currency, "EUR");

    const auto payment = std::get<PaymentCompleted>(read(golden("reference/payment_completed")).payload);
    EXPECT_EQ(payment.transaction_id, "b7a9f6f0-9a0b-4a55-8f0e-1a52f2a31a11");
    EXPECT_EQ(payment.quantity, 2);
    EXPECT_TRUE(payment.payment_id.uuid.is_nil());

    const auto declined = std::get<PaymentFailed>(read(golden("reference/payment_failed")).payload);
    EXPECT_EQ(declined.code, FailureCode::PaymentDeclined);
    EXPECT_EQ(declined.reason, "Payment service unavailable");

    const auto refused =
        std::get<InventoryReservationFailed>(read(golden("reference/inventory_reservation_failed")).payload);
    EXPECT_EQ(refused.code, FailureCode::OutOfStock);
    EXPECT_EQ(refused.product_id, "");

    EXPECT_TRUE(std::holds_alternative<OrderCompleted>(read(golden("reference/order_completed")).payload));
}

TEST(Decode, ReadsTimesAsTextOrAsSecondsSince1970) {
    const std::string text = R"("occurredAt":"2026-11-22T10:00:00.123456Z")";
    for (const auto& [written, meant] : std::vector<std::pair<std::string, std::string>>{
             {"\"2026-11-22T10:00:00Z\"", "2026-11-22T10:00:00.000000Z"},
             {"0", "1970-01-01T00:00:00.000000Z"},
             {"0E-9", "1970-01-01T00:00:00.000000Z"},
             {"1.5", "1970-01-01T00:00:01.500000Z"},
             {"1763805600.123456789", "2025-11-22T10:00:00.123456Z"},
             {"1.763805600123456789E9", "2025-11-22T10:00:00.123456Z"},
             {"17638056E2", "2025-11-22T10:00:00.000000Z"},
         }) {
        SCOPED_TRACE(written);
        EXPECT_EQ(
            to_rfc3339(read(with(created(), text, "\"occurredAt\":" + written)).metadata.occurred_at), meant
        );
    }
    for (const std::string bad :
         {"-1",
          "1e400",
          "1e30",
          "99999999999999999999",
          "253402300800",
          "true",
          "\"yesterday\"",
          "\"\"",
          "null",
          "{}",
          "1e-400"}) {
        SCOPED_TRACE(bad);
        const auto event = decode(with(created(), text, "\"occurredAt\":" + bad));
        ASSERT_FALSE(event);
        EXPECT_EQ(event.error().kind, ErrorKind::Invalid);
    }
}

TEST(Decode, SkipsTypesAndFieldsOfLaterVersionsOfTheContract) {
    const auto unknown = decode(with(created(), "ORDER_CREATED", "ORDER_PUT_ON_HOLD"));
    ASSERT_TRUE(unknown) << unknown.error().what;
    const auto& event = std::get<UnknownEvent>(*unknown);
    EXPECT_EQ(event.type, "ORDER_PUT_ON_HOLD");
    EXPECT_EQ(event.order_id.text(), "01930000-0000-7000-8000-00000000000a");

    const auto more =
        read(with(created(), "\"quantity\":3", R"("quantity":3,"parcels":[{"a":[1,null]}],"gift":true)"));
    EXPECT_EQ(std::get<OrderCreated>(more.payload).quantity, 3);

    const auto of_what = decode(with(golden("stock_low"), "STOCK_LOW", "STOCK_COUNTED"));
    ASSERT_TRUE(of_what) << of_what.error().what;
    EXPECT_TRUE(std::get<UnknownEvent>(*of_what).order_id.uuid.is_nil()) << "not every type belongs to an order";

    const auto code = read(with(golden("payment_failed"), "INVALID_AMOUNT", "CARD_STOLEN"));
    EXPECT_EQ(std::get<PaymentFailed>(code.payload).code, FailureCode::PaymentDeclined);
}

TEST(Decode, TakesWhatMayBeMissing) {
    for (const auto* user : {"", "\"userId\":null,", "\"userId\":\"\","}) {
        SCOPED_TRACE(user);
        EXPECT_EQ(
            std::get<OrderCreated>(read(with(created(), "\"userId\":\"customer-7\",", user)).payload).user_id,
            ""
        );
    }
    const auto longest = std::string(64, 'x');
    EXPECT_EQ(std::get<OrderCreated>(read(with(created(), "customer-7", longest)).payload).user_id, longest);
    std::string accents;
    for (int i = 0; i < 64; ++i) accents += "é";
    EXPECT_EQ(std::get<OrderCreated>(read(with(created(), "customer-7", accents)).payload).user_id, accents);
}

/// The list of items inside an order.
std::string items_text(const std::string& order) {
    const auto from = order.find('[');
    return order.substr(from, order.find(']') - from + 1);
}

/// A list of so many items, all like the order's first one.
std::string many_items(int count) {
    std::string text = "[";
    for (int i = 0; i < count; ++i) {
        text += (i == 0 ? "" : ",") + std::string(R"({"productId":"P-1001","quantity":3,"price":199.99})");
    }
    return text + "]";
}

struct Bad {
    const char* name;
    std::string text;
};

std::vector<Bad> bad_bytes() {
    const std::string good = created();
    const std::string items = golden("order_created_items");
    const std::string depth(20'000, '[');
    return {
        {"nothing", ""},
        {"not JSON", "not json"},
        {"cut off", good.substr(0, good.size() - 1)},
        {"two values", good + good},
        {"an array", "[" + good + "]"},
        {"a string", "\"ORDER_CREATED\""},
        {"null", "null"},
        {"invalid UTF-8", with(good, "customer-7", "cust\xc3(omer")},
        {"overlong UTF-8", with(good, "customer-7", "\xc0\xaf")},
        {"half a surrogate", with(good, "customer-7", "\\ud800")},
        {"a raw control character", with(good, "customer-7", "a\x01z")},
        {"an escaped control character", with(good, "customer-7", "a\\u0000z")},
        {"depth 20,000", depth},
        {"depth 20,000 in a field nobody reads",
         with(good, "\"quantity\":3", "\"quantity\":3,\"x\":" + depth + std::string(20'000, ']'))},
        {"depth 40",
         with(good, "\"quantity\":3", "\"quantity\":3,\"x\":" + std::string(40, '[') + std::string(40, ']'))},
        {"300 KiB",
         with(good, "\"quantity\":3", "\"quantity\":3,\"x\":\"" + std::string(300UL * 1024, 'x') + "\"")},
        {"a key twice", with(good, "\"quantity\":3", "\"quantity\":3,\"quantity\":4")},
        {"a key twice in metadata", with(good, "\"metadata\":{", "\"metadata\":{\"version\":1,")},
        {"no metadata", with(good, "\"metadata\"", "\"meta\"")},
        {"metadata is a list", R"({"metadata":[],"orderId":"01930000-0000-7000-8000-00000000000a"})"},
        {"version 2",
         with(
             good,
             "\"eventType\":\"ORDER_CREATED\",\"version\":1",
             "\"eventType\":\"ORDER_CREATED\",\"version\":2"
         )},
        {"version 2 in metadata", with(good, "\"version\":1},", "\"version\":2},")},
        {"version as text", with(good, "\"version\":1}", "\"version\":\"1\"}")},
        {"version 1.0", with(good, "\"version\":1}", "\"version\":1.0}")},
        {"no version", with(good, ",\"version\":1}", "}")},
        {"no event id", with(good, "\"eventId\":\"01930000-0000-7000-8000-000000000001\",", "")},
        {"the nil event id",
         with(good, "01930000-0000-7000-8000-000000000001", "00000000-0000-0000-0000-000000000000")},
        {"an event id that is no UUID", with(good, "01930000-0000-7000-8000-000000000001", "1")},
        {"an event id that is a number", with(good, "\"01930000-0000-7000-8000-000000000001\"", "1")},
        {"a causation id that is no UUID", with(good, "01930000-0000-7000-8000-000000000002", "x")},
        {"no correlation id", with(good, "\"correlationId\":\"web:7a1e.42\",", "")},
        {"a correlation id with a line break", with(good, "web:7a1e.42", "a\\r\\nSet-Cookie: x")},
        {"a correlation id of 129 characters", with(good, "web:7a1e.42", std::string(129, 'x'))},
        {"no source", with(good, "\"sourceService\":\"order-service\",", "")},
        {"a source of 65 characters", with(good, "order-service", std::string(65, 'x'))},
        {"no time", with(good, "\"occurredAt\":\"2026-11-22T10:00:00.123456Z\",", "")},
        {"no order", with(good, "\"orderId\":\"01930000-0000-7000-8000-00000000000a\",", "")},
        {"the nil order",
         with(
             with(good, "00000000000a", "00000000000b"),
             "01930000-0000-7000-8000-00000000000b",
             "00000000-0000-0000-0000-000000000000"
         )},
        {"another aggregate", with(good, "\"aggregateId\":\"01930000", "\"aggregateId\":\"11930000")},
        {"no type", with(good, "\"eventType\":\"ORDER_CREATED\",", "")},
        {"a type that is a number", with(good, "\"ORDER_CREATED\"", "7")},
        {"a type of 65 characters", with(good, "ORDER_CREATED", std::string(65, 'X'))},
        {"no product", with(good, "\"productId\":\"P-1001\",", "")},
        {"an empty product", with(good, "P-1001", "")},
        {"a product with a space", with(good, "P-1001", "P 1001")},
        {"a product of 65 characters", with(good, "P-1001", std::string(65, 'P'))},
        {"a product that is a number", with(good, "\"P-1001\"", "1001")},
        {"a user of 65 characters", with(good, "customer-7", std::string(65, 'x'))},
        {"a user that is an object", with(good, "\"customer-7\"", "{}")},
        {"no quantity", with(good, "\"quantity\":3,", "")},
        {"quantity 0", with(good, "\"quantity\":3", "\"quantity\":0")},
        {"quantity -1", with(good, "\"quantity\":3", "\"quantity\":-1")},
        {"quantity 2^31", with(good, "\"quantity\":3", "\"quantity\":2147483648")},
        {"quantity 2^64", with(good, "\"quantity\":3", "\"quantity\":18446744073709551616")},
        {"quantity 1.5", with(good, "\"quantity\":3", "\"quantity\":1.5")},
        {"quantity 1e400", with(good, "\"quantity\":3", "\"quantity\":1e400")},
        {"quantity as text", with(good, "\"quantity\":3", "\"quantity\":\"3\"")},
        {"quantity true", with(good, "\"quantity\":3", "\"quantity\":true")},
        {"no price", with(good, "\"price\":199.99,", "")},
        {"price -1", with(good, "\"price\":199.99", "\"price\":-1")},
        {"price NaN", with(good, "\"price\":199.99", "\"price\":NaN")},
        {"price 1e400", with(good, "\"price\":199.99", "\"price\":1e400")},
        {"price with five decimals", with(good, "\"price\":199.99", "\"price\":0.00001")},
        {"price out of range", with(good, "\"price\":199.99", "\"price\":922337203685477.5808")},
        {"price as a list", with(good, "\"price\":199.99", "\"price\":[]")},
        {"price as words", with(good, "\"price\":199.99", "\"price\":\"much\"")},
        {"price times quantity out of range",
         with(with(good, "\"amount\":\"599.97\",", ""), "\"price\":199.99", "\"price\":922337203685477.5807")
        },
        {"amount -1", with(good, "\"599.97\"", "\"-1\"")},
        {"currency in small letters", with(good, "EUR", "eur")},
        {"currency of four letters", with(good, "EUR", "EURO")},
        {"a refund without a payment",
         with(golden("payment_refunded"), "\"paymentId\":\"01930000-0000-7000-8000-00000000000b\",", "")},
        {"a refund without an amount", with(golden("payment_refunded"), "\"amount\":\"599.97\",", "")},
        {"a reason that is a number", with(golden("payment_failed"), "\"too much\"", "7")},
        {"a reason of 3,000 characters", with(golden("payment_failed"), "too much", std::string(3'000, 'x'))},
        {"a code that is a number", with(golden("payment_failed"), "\"INVALID_AMOUNT\"", "7")},
        {"released -1", with(golden("inventory_released"), "\"quantity\":3", "\"quantity\":-1")},
        {"reserved 0", with(golden("inventory_reserved"), "\"quantity\":3", "\"quantity\":0")},
        {"items that are no list", with(items, items_text(items), "{}")},
        {"an item that is no object", with(items, items_text(items), "[1]")},
        {"items whose first one is another product", with(items, "[{\"productId\":\"P-1001\"", "[{\"productId\":\"P-3\"")},
        {"items whose first one has another quantity",
         with(items, "[{\"productId\":\"P-1001\",\"quantity\":3", "[{\"productId\":\"P-1001\",\"quantity\":2")},
        {"items whose first one has another price", with(items, "3,\"price\":199.99}", "3,\"price\":199.98}")},
        {"an item without a price", with(items, ",\"price\":0.0001", "")},
        {"an item without a product", with(items, "\"productId\":\"P-2\",", "")},
        {"an item of a product with a space", with(items, "P-2", "P 2")},
        {"an item with quantity 0", with(items, "\"P-2\",\"quantity\":1", "\"P-2\",\"quantity\":0")},
        {"an item with quantity 2^31", with(items, "\"P-2\",\"quantity\":1", "\"P-2\",\"quantity\":2147483648")},
        {"an item with a negative price", with(items, "0.0001", "-0.0001")},
        {"101 items", with(items, items_text(items), many_items(101))},
        {"items whose sum is out of range",
         with(with(items, "\"amount\":\"699.9701\",", ""), "0.0001", "922337203685477.5807")},
        {"a reserved line of 0", with(golden("inventory_reserved_items"), "3000000000", "0")},
        {"a reserved line of 2^63", with(golden("inventory_reserved_items"), "3000000000", "9223372036854775808")},
        {"an adjustment of an order",
         with(golden("inventory_adjusted"), "\"productId\"", "\"orderId\":\"01930000-0000-7000-8000-00000000000a\",\"productId\"")},
        {"an adjustment of another aggregate", with(golden("inventory_adjusted"), "\"aggregateId\":\"P-1001\"", "\"aggregateId\":\"P-1\"")},
        {"an adjustment to -1", with(golden("inventory_adjusted"), "5000000000", "-1")},
        {"an adjustment without a revision", with(golden("inventory_adjusted"), "\"revision\":7,", "")},
        {"an adjustment with revision 0", with(golden("inventory_adjusted"), "\"revision\":7", "\"revision\":0")},
        {"an adjustment without a product", with(golden("inventory_adjusted"), "\"productId\":\"P-1001\",", "")},
        {"an adjustment with a negative price", with(golden("inventory_adjusted"), "199.99", "-199.99")},
        {"an adjustment in francs and cents", with(golden("inventory_adjusted"), "USD", "US")},
        {"a name of 201 characters", with(golden("inventory_adjusted"), "Teapot", std::string(201, 'x'))},
        {"low stock without a mark", with(golden("stock_low"), ",\"lowMark\":5", "")},
        {"low stock of 1.5", with(golden("stock_low"), "\"available\":4", "\"available\":1.5")},
        {"a notification without a channel", with(golden("notification_sent"), ",\"channel\":\"email\"", "")},
    };
}

TEST(Decode, RefusesEverythingElseAsInvalid) {
    for (const auto& [name, text] : bad_bytes()) {
        SCOPED_TRACE(name);
        const auto event = decode(text);
        ASSERT_FALSE(event);
        EXPECT_EQ(event.error().kind, ErrorKind::Invalid);
        EXPECT_FALSE(event.error().what.empty());
    }
}

/// Damaged bytes are read or refused; nothing else happens (the sanitizers look on).
TEST(Decode, SurvivesEveryDamagedByte) {
    std::size_t refused = 0;
    for (const auto* name : {"order_created", "payment_failed", "order_created_items", "inventory_adjusted"}) {
        const std::string good = golden(name);
        for (std::size_t at = 0; at < good.size(); ++at) {
            for (const char byte : {'"', '9', '\xff'}) {
                std::string bad = good;
                bad[at] = byte;
                if (!decode(bad)) ++refused;
            }
            if (!decode(good.substr(0, at))) ++refused;
        }
    }
    EXPECT_GT(refused, 1'000U);
}

}  // namespace
}  // namespace platform::events
