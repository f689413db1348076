#include "shared/events/events.hpp"

#include "tests/shared/events/samples.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace platform::events {
namespace {

TEST(Events, EveryTypeHasANameOfItsOwnAndATopic) {
    std::set<std::string_view> names;
    std::set<std::size_t> alternatives;
    for (const auto& [name, event] : samples()) {
        names.insert(type_name(event.payload));
        alternatives.insert(event.payload.index());
    }
    EXPECT_EQ(names.size(), std::variant_size_v<Payload>);
    EXPECT_EQ(alternatives.size(), std::variant_size_v<Payload>);

    EXPECT_EQ(topic_of(OrderCreated{}), "order.events");
    EXPECT_EQ(topic_of(OrderCompleted{}), "order.events");
    EXPECT_EQ(topic_of(OrderCancelled{}), "order.events");
    EXPECT_EQ(topic_of(PaymentCompleted{}), "payment.events");
    EXPECT_EQ(topic_of(PaymentFailed{}), "payment.events");
    EXPECT_EQ(topic_of(PaymentRefunded{}), "payment.events");
    EXPECT_EQ(topic_of(PaymentVoided{}), "payment.events");
    EXPECT_EQ(topic_of(PaymentRefundFailed{}), "payment.events");
    EXPECT_EQ(topic_of(InventoryReserved{}), "inventory.events");
    EXPECT_EQ(topic_of(InventoryReservationFailed{}), "inventory.events");
    EXPECT_EQ(topic_of(InventoryReleased{}), "inventory.events");
    EXPECT_EQ(topic_of(InventoryAdjusted{}), "inventory.events");
    EXPECT_EQ(topic_of(StockLow{}), "inventory.events");
    EXPECT_EQ(topic_of(NotificationSent{}), "notification.events");
    EXPECT_EQ(topic_of(NotificationFailed{}), "notification.events");
}

TEST(Events, TheKeyIsTheOrderAndOnlyForTheCatalogueTheProduct) {
    for (const auto& [name, event] : samples()) {
        const bool of_product = name.starts_with("inventory_adjusted") || name == "stock_low";
        EXPECT_EQ(key_of(event), of_product ? "P-1001" : event.order_id.text()) << name;
        EXPECT_EQ(product_key(event.payload).has_value(), of_product) << name;
    }
}

TEST(Events, CodesReadBackFromTheirNames) {
    for (const auto code :
         {FailureCode::PaymentDeclined,
          FailureCode::InvalidAmount,
          FailureCode::OutOfStock,
          FailureCode::UnknownProduct,
          FailureCode::CustomerCancelled,
          FailureCode::DeadlineExceeded,
          FailureCode::OrderCancelled}) {
        EXPECT_EQ(parse_code(code_name(code)), code);
    }
    EXPECT_EQ(code_name(FailureCode::OutOfStock), "OUT_OF_STOCK");
    EXPECT_EQ(parse_code("out_of_stock"), std::nullopt);
    EXPECT_EQ(parse_code(""), std::nullopt);
}

TEST(Events, NamesFromOutsideAreChecked) {
    for (const auto* id : {"P-1001", "a", "7f3c0000-0000-4000-8000-000000000001", "A.b_c-9"})
        EXPECT_TRUE(valid_product_id(id)) << id;
    EXPECT_TRUE(valid_product_id(std::string(64, 'x')));
    for (const std::string& id :
         {std::string(),
          std::string("a b"),
          std::string("ü"),
          std::string("a/b"),
          std::string("a\0b", 3),
          std::string(65, 'x')}) {
        EXPECT_FALSE(valid_product_id(id)) << id;
    }
    EXPECT_TRUE(valid_currency("EUR"));
    for (const auto* code : {"", "EU", "EURO", "eur", "E1R", "€UR"})
        EXPECT_FALSE(valid_currency(code)) << code;
    EXPECT_TRUE(valid_correlation_id("web:7a1e.42"));
    EXPECT_TRUE(valid_correlation_id(std::string(128, 'x')));
    for (const std::string& id :
         {std::string(), std::string("a b"), std::string("a\nb"), std::string("a\"b"), std::string(129, 'x')
         }) {
        EXPECT_FALSE(valid_correlation_id(id)) << id;
    }
}

}  // namespace
}  // namespace platform::events
