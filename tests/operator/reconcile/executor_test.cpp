#include "operator/reconcile/executor.hpp"

#include "tests/operator/reconcile/fake_world.hpp"

#include <gtest/gtest.h>

namespace platform::reconcile {
namespace {

class ExecutorTest : public testing::Test {
protected:
    test::FakeWorld world_;
    Ports ports_ = world_.ports();
    Desired desired_ = desired_state({}, test::defaults(), {});
    Credentials credentials_;
    Executor executor_{ports_, world_.resource, desired_, credentials_};
};

TEST_F(ExecutorTest, ANewPasswordIsUsableInTheSameRound) {
    ASSERT_TRUE(executor_.take(CreateSecret{"mysql-root", "root"}));
    ASSERT_TRUE(executor_.take(CreateSecret{"order-mysql", "order"}));
    ASSERT_TRUE(executor_.take(CreateSecret{"order-mysql-ddl", "order_ddl"}));
    ASSERT_TRUE(executor_.take(ProvisionDatabase{"orders_db"}));
    EXPECT_EQ(world_.users["order"].password, world_.stored_secrets["order-mysql"].entries["password"]);
    EXPECT_EQ(world_.stored_secrets["order-mysql"].entries["username"], "order");
    EXPECT_NE(world_.users["order"].password, world_.users["order_ddl"].password);
}

TEST_F(ExecutorTest, ASecretThatExistsKeepsItsPassword) {
    world_.stored_secrets["mysql-root"] = {.version = "1", .entries = {{"password", "old"}}};
    ASSERT_TRUE(executor_.take(CreateSecret{"mysql-root", "root"}));
    EXPECT_EQ(executor_.admin()->password, "old");
    EXPECT_EQ(executor_.admin()->user, "root");
}

TEST_F(ExecutorTest, AMissingAdministratorIsNamedNotGuessed) {
    desired_.mysql = {.own = false, .host = "m", .admin_secret = "adm", .user_key = "u", .password_key = "p"};
    const auto admin = executor_.admin();
    ASSERT_FALSE(admin);
    EXPECT_TRUE(admin.error().what.contains("Secret adm has no entry p or u"));
    EXPECT_FALSE(executor_.take(ProvisionDatabase{"orders_db"}));
    EXPECT_TRUE(world_.changes.empty());
}

TEST_F(ExecutorTest, WithTlsItComesAsTheAdministratorAndTrustsTheAuthorities) {
    EXPECT_EQ(executor_.kafka().value(), (KafkaLogin{.bootstrap_servers = "kafka:9092"}));
    api::Spec spec;
    spec.tls = {.enabled = true};
    desired_ = desired_state(spec, test::defaults(), {});
    EXPECT_TRUE(executor_.kafka().error().what.contains("Secret infrastructure-tls has no entry ca.crt"));
    credentials_["infrastructure-tls"] = {.version = "1", .entries = {{"ca.crt", "pem"}}};
    EXPECT_TRUE(executor_.kafka().error().what.contains("Secret kafka-admin has no entry username or password"));
    credentials_["kafka-admin"] = {.version = "1", .entries = {{"username", "admin"}, {"password", "p"}}};
    EXPECT_EQ(
        executor_.kafka().value(),
        (KafkaLogin{.bootstrap_servers = "kafka:9092", .ca = "pem", .user = "admin", .password = "p"})
    );
    credentials_["mysql-root"] = {.version = "1", .entries = {{"password", "old"}}};
    EXPECT_EQ(executor_.admin()->ca, "pem");
    ASSERT_TRUE(executor_.take(CreateSecret{"order-kafka", "order"}));
    ASSERT_TRUE(executor_.take(ProvisionKafkaUser{"order"}));
    EXPECT_EQ(world_.kafka_accounts["order"].password, world_.stored_secrets["order-kafka"].entries["password"]);
    ASSERT_TRUE(executor_.take(DropKafkaUser{"order"}));
    EXPECT_TRUE(world_.kafka_accounts.empty());
}

TEST_F(ExecutorTest, EveryStepCanBeRepeated) {
    world_.installed["order"].seen = {.state = ReleaseSeen::State::Deployed, .revision = 1, .digest = ""};
    for (const Step& step : std::vector<Step>{
             AddFinalizer{},
             CreateSecret{"mysql-root", "root"},
             CreateTopics{{"order.events"}},
             GrowTopic{"order.events", 12},
             ConfigureTopic{"order.events"},
             InstallRelease{"infrastructure"},
             UninstallRelease{"order"},
             DeleteTopics{{"order.events"}},
             DropDatabase{"orders_db"},
             DeleteClaim{"data-kafka-0"},
             DeleteSecret{"order-mysql"}
         }) {
        SCOPED_TRACE(describe(step));
        for (int i = 0; i < 2; ++i) {
            const api::OrderPlatform current = world_.resource;
            Executor fresh(ports_, current, desired_, credentials_);
            EXPECT_TRUE(fresh.take(step));
        }
    }
}

TEST_F(ExecutorTest, AnErrorOfThePortIsTheStepsError) {
    world_.before = [] { return Error{.kind = ErrorKind::Denied, .what = "no"}; };
    EXPECT_EQ(executor_.take(InstallRelease{"order"}).error().kind, ErrorKind::Denied);
}

}  // namespace
}  // namespace platform::reconcile
