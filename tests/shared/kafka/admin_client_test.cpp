#include "shared/kafka/admin_client.hpp"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <stdexcept>

namespace platform::kafka::native {
namespace {

using namespace std::chrono_literals;

/// Real clients, whose threads are C11's (thrd_create). ThreadSanitizer does not know those and ends with a crash.
class AdminClientTest : public testing::Test {
protected:
    void SetUp() override {
#ifdef __SANITIZE_THREAD__
        GTEST_SKIP() << "librdkafka's threads are unknown to ThreadSanitizer";
#endif
    }
};

TEST_F(AdminClientTest, ACallWithoutAnAnswerIsATimeout) {
    const AdminClient client("127.0.0.1:1", {}, 10ms);
    const auto answer = client.call(RD_KAFKA_ADMIN_OP_CREATEACLS, "wait", [](auto*, auto*, auto*) {});
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().kind, ErrorKind::Timeout);
    EXPECT_EQ(answer.error().what, "wait: no answer in time");
}

/// The calls about users free an answer of their own kind; one without a broker has to survive that.
TEST_F(AdminClientTest, ACallAboutUsersSurvivesABrokerThatIsAway) {
    const AdminClient client("127.0.0.1:1", {}, 200ms);
    const auto answer = client.call(
        RD_KAFKA_ADMIN_OP_DESCRIBEUSERSCRAMCREDENTIALS,
        "look",
        [](auto* handle, auto* options, auto* queue) {
            const char* name = "order";
            rd_kafka_DescribeUserScramCredentials(handle, &name, 1, options, queue);
        }
    );
    ASSERT_FALSE(answer.has_value());
    EXPECT_TRUE(retryable(answer.error().kind)) << answer.error().what;
}

TEST_F(AdminClientTest, AnUnusablePropertyIsNamed) {
    try {
        const AdminClient client("127.0.0.1:1", {{"sasl.mechanism", "GUESS"}, {"security.protocol", "sasl_ssl"}}, 10ms);
        FAIL() << "accepted";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what()).find("GUESS"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace platform::kafka::native
