#include "shared/kafka/backlog.hpp"

#include "tests/shared/kafka/broker_driver.hpp"
#include "tests/shared/kafka/contract.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace platform::kafka {
namespace {

using namespace std::chrono_literals;

class BacklogTest : public testing::Test {
protected:
    BacklogTest() { driver_.producer().on_delivery(fates_.listener()); }
    void send(int from, int to) {
        for (int i = from; i <= to; ++i) {
            ASSERT_TRUE(driver_.producer().send(
                {.topic = topic_, .key = "key", .value = std::to_string(i), .headers = {{"n", std::to_string(i)}}}, 1
            ));
        }
        driver_.producer().flush(30s);
    }
    std::unique_ptr<Backlog> backlog(const std::string& servers) {
        return make_backlog(
            {.bootstrap_servers = servers, .client_id = "test", .group = group_, .timeout = 5s, .extra = {}}
        );
    }

    BrokerDriver driver_;
    Fates fates_;
    const std::string topic_ = driver_.topic(1);
    const std::string group_ = driver_.group();
    const std::unique_ptr<Backlog> backlog_ = backlog(driver_.broker().bootstrap_servers());
    const TopicPartition partition_{.topic = topic_, .partition = 0};
};

TEST_F(BacklogTest, ReadsPageByPageUpToTheEndAndGoesOnWhereItWasCommitted) {
    send(1, 5);
    auto spans = backlog_->spans({topic_});
    ASSERT_TRUE(spans) << spans.error().what;
    ASSERT_EQ(spans->size(), 1U);
    EXPECT_EQ(spans->front().partition, partition_);
    EXPECT_EQ(spans->front().first, 0);
    EXPECT_EQ(spans->front().next, 0);
    EXPECT_EQ(spans->front().end, 5);

    const auto first = backlog_->read(partition_, 0, 5, 3);
    ASSERT_TRUE(first) << first.error().what;
    EXPECT_EQ(values(first->records), (std::vector<std::string>{"1", "2", "3"}));
    EXPECT_EQ(first->records.front().headers, (Headers{{"n", "1"}}));
    EXPECT_EQ(first->next, 3);
    ASSERT_TRUE(backlog_->commit(partition_, first->next));

    send(6, 6);  // comes after the look at the end, and is not read
    const auto second = backlog_->read(partition_, first->next, 5, 100);
    ASSERT_TRUE(second) << second.error().what;
    EXPECT_EQ(values(second->records), (std::vector<std::string>{"4", "5"}));
    EXPECT_EQ(second->next, 5);

    spans = backlog(driver_.broker().bootstrap_servers())->spans({topic_});
    ASSERT_TRUE(spans) << spans.error().what;
    EXPECT_EQ(spans->front().next, 3) << "another process goes on there";
    EXPECT_EQ(spans->front().end, 6);
}

TEST_F(BacklogTest, ATopicThatDoesNotExistHasNoPartitions) {
    const auto spans = backlog_->spans({"there-is-no-such-topic"});
    ASSERT_TRUE(spans) << spans.error().what;
    EXPECT_TRUE(spans->empty());
}

TEST_F(BacklogTest, AGroupWithMembersKeepsItsOffsets) {
    send(1, 1);
    const auto member = driver_.consumer(group_, topic_);
    ASSERT_EQ(take(*member, 1).size(), 1U);
    const auto refused = backlog_->commit(partition_, 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Conflict) << refused.error().what;
    member->close();
}

TEST_F(BacklogTest, ABrokerThatIsAwayIsSaidSoInTime) {
    const auto nobody = make_backlog(
        {.bootstrap_servers = "127.0.0.1:1", .client_id = "test", .group = group_, .timeout = 200ms, .extra = {}}
    );
    const auto spans = nobody->spans({topic_});
    ASSERT_FALSE(spans);
    EXPECT_TRUE(retryable(spans.error().kind)) << spans.error().what;
}

}  // namespace
}  // namespace platform::kafka
