#include "services/order/adapters/mysql_timeline_store.hpp"

#include "services/order/migrations/migrations.hpp"
#include "tests/services/order/orders.hpp"
#include "tests/services/order/timelines.hpp"
#include "tests/services/service_database.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace platform::order {
namespace {

using namespace std::chrono_literals;

class MysqlTimelineStoreTest : public testing::Test {
protected:
    std::int64_t rows() { return database_.number("SELECT COUNT(*) FROM order_timeline"); }
    /// How often InnoDB has written a row since the server started.
    std::int64_t row_writes() {
        return database_.rows("SHOW GLOBAL STATUS WHERE Variable_name = 'Innodb_rows_inserted'").front().integer(1) +
               database_.rows("SHOW GLOBAL STATUS WHERE Variable_name = 'Innodb_rows_updated'").front().integer(1);
    }
    static TimelineEntry entry(int order, int second) {
        return {.order_id = order_id(order), .step = step(second, "STEP", second)};
    }

    test::ServiceDatabase database_{migrations()};
    MysqlTimelineStore store_{database_.pool};
};

TEST_F(MysqlTimelineStoreTest, WhatABatchHasOfAnOrderIsOneRow) {
    const std::vector first{entry(1, 1), entry(2, 2), entry(1, 3)};
    ASSERT_TRUE(store_.add(first));
    EXPECT_EQ(rows(), 2);
    const std::vector second{entry(1, 4), entry(3, 5)};
    ASSERT_TRUE(store_.add(second));
    EXPECT_EQ(rows(), 3);
    const auto timeline = store_.find(order_id(1));
    ASSERT_TRUE(timeline);
    ASSERT_EQ(timeline->steps.size(), 3U);
    EXPECT_EQ(timeline->steps[2], step(4, "STEP", 4));
    EXPECT_TRUE(store_.find(order_id(9)).value().steps.empty());
    EXPECT_TRUE(store_.add({}));
}

TEST_F(MysqlTimelineStoreTest, AReplayWritesNothing) {
    const std::vector batch{entry(1, 1), entry(2, 2)};
    ASSERT_TRUE(store_.add(batch));
    const auto before = row_writes();
    ASSERT_TRUE(store_.add(batch));
    EXPECT_EQ(row_writes(), before);
}

TEST_F(MysqlTimelineStoreTest, MembersThatWriteTheSameOrdersLoseNothing) {
    constexpr std::size_t kMembers = 4;
    constexpr std::size_t kSteps = 20;
    std::atomic<int> failures{0};
    {
        std::vector<std::jthread> members;
        for (std::size_t member = 0; member < kMembers; ++member) {
            members.emplace_back([&, member] {
                for (std::size_t i = 0; i < kSteps; ++i) {
                    const int second = static_cast<int>(member * kSteps + i);
                    const std::vector batch{entry(1, second), entry(2, second)};
                    int tries = 0;
                    for (auto done = store_.add(batch); !done; done = store_.add(batch)) {
                        if (!retryable(done.error().kind) || ++tries > 50) {
                            ++failures;
                            return;
                        }
                    }
                }
            });
        }
    }
    EXPECT_EQ(failures, 0);
    for (const int order : {1, 2}) EXPECT_EQ(store_.find(order_id(order)).value().steps.size(), kMembers * kSteps);
}

TEST_F(MysqlTimelineStoreTest, OldOnesArePurgedPageByPage) {
    ASSERT_TRUE(store_.add(std::vector{entry(1, 1), entry(2, 2), entry(3, 3)}));
    database_.execute(mysql::Sql{
        "UPDATE order_timeline SET recorded_at = NOW(6) - INTERVAL 2 HOUR WHERE order_id <> ?", order_id(3)
    });
    EXPECT_EQ(store_.purge(1h, 1), 1U);
    EXPECT_EQ(store_.purge(1h, 10), 1U);
    EXPECT_EQ(store_.purge(1h, 10), 0U);
    EXPECT_EQ(rows(), 1);
}

}  // namespace
}  // namespace platform::order
