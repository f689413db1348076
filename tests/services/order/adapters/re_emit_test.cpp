#include "services/order/adapters/re_emit.hpp"

#include "services/order/adapters/mysql_order_store.hpp"
#include "services/order/migrations/migrations.hpp"
#include "tests/services/order/orders.hpp"
#include "tests/services/service_database.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace platform::order {
namespace {

using std::chrono::seconds;

class ReEmitTest : public testing::Test {
protected:
    void insert(int number, int second) {
        NewOrder one = to_place(number);
        one.order.times.created = WallTime{seconds(second)};
        ASSERT_TRUE(store_.insert(std::array{one}));
    }
    void cancel(int number, int second) {
        const std::array occasions{Occasion{.order_id = order_id(number), .event_id = std::nullopt}};
        const Stamp stamp{.next_id = [this] { return ids_.next(); }, .now = WallTime{seconds(second)}};
        ASSERT_TRUE(store_.change(occasions, [&](std::size_t, std::optional<Order>& order) {
            return on_cancel(*order, {.code = events::FailureCode::CustomerCancelled, .reason = ""}, stamp);
        }));
    }
    /// How often each type is told of each order by the outbox.
    std::map<std::pair<OrderId, std::string>, int> told() {
        std::map<std::pair<OrderId, std::string>, int> counts;
        for (const auto& value : database_.told()) {
            const auto event = std::get<events::Event>(events::decode(value).value());
            ++counts[{event.order_id, std::string(events::type_name(event.payload))}];
        }
        return counts;
    }

    test::ServiceDatabase database_{migrations()};
    UuidGenerator ids_{database_.clock};
    MysqlOrderStore store_{{}, database_.pool, database_.relay};
};

TEST_F(ReEmitTest, TellsAgainWhatTheWindowHadToTell) {
    insert(1, 10);
    insert(2, 20);
    insert(3, 30);
    cancel(1, 25);
    cancel(3, 40);
    database_.execute(mysql::Sql{"DELETE FROM outbox"});
    auto session = database_.pool.acquire();
    ASSERT_TRUE(session);
    ReEmit job{**session, {}, ids_, {.from = WallTime{seconds(20)}, .to = WallTime{seconds(30)}}};
    EXPECT_TRUE(job.step().value());
    EXPECT_FALSE(job.step().value()) << "the window is done";
    EXPECT_EQ(job.events(), 2U);
    const std::map<std::pair<OrderId, std::string>, int> expected{
        {{order_id(1), "ORDER_CANCELLED"}, 1}, {{order_id(2), "ORDER_CREATED"}, 1}
    };
    EXPECT_EQ(told(), expected);
    EXPECT_EQ(database_.number("SELECT COUNT(*) FROM outbox WHERE claimed_until <= NOW(6)"), database_.number("SELECT COUNT(*) FROM outbox"))
        << "a running service may send them at once";
    EXPECT_FALSE(job.crowded().value());
}

TEST_F(ReEmitTest, TellsTheSameOrderAgainUnderANewId) {
    insert(1, 10);
    auto session = database_.pool.acquire();
    ASSERT_TRUE(session);
    for (int i = 0; i < 2; ++i) {
        ReEmit job{**session, {}, ids_, {.from = WallTime{seconds(0)}, .to = WallTime{seconds(30)}}};
        EXPECT_TRUE(job.step().value());
    }
    EXPECT_EQ(told().at({order_id(1), "ORDER_CREATED"}), 3);
}

}  // namespace
}  // namespace platform::order
