#include "shared/kafka/access.hpp"

#include "shared/kafka/admin.hpp"
#include "tests/shared/kafka/secure_broker.hpp"

#include <gtest/gtest.h>

namespace platform::kafka {
namespace {

using namespace std::chrono_literals;
using Kind = Grant::Kind;
using Operation = Grant::Operation;
using test::wait_until;

class AccessTest : public testing::Test {
protected:
    AccessTest() { broker_.give("admin", "of the admin", {}); }

    std::string fresh_user() { return broker_.broker.fresh_name("user"); }
    Grant reading(const std::string& topic) { return {.kind = Kind::Topic, .name = topic, .operation = Operation::Read}; }
    Grant writing(const std::string& topic) { return {.kind = Kind::Topic, .name = topic, .operation = Operation::Write}; }
    Grant joining(const std::string& group) { return {.kind = Kind::Group, .name = group, .operation = Operation::Read}; }
    /// The broker learns of a change a little after the controller.
    bool comes_to_be(const std::string& user, const std::set<Grant>& grants) {
        return wait_until([&] { return access_.as_wanted(user, grants).value_or(false); });
    }
    /// What a user is told who asks for a topic.
    Result<std::vector<TopicState>> look(const std::string& user, const std::string& password, const std::string& topic) {
        Admin admin(broker_.broker.address("GOOD"), broker_.security(user, password).properties(), 10s);
        return admin.describe({topic}, {});
    }

    SecureBroker& broker_ = SecureBroker::instance();
    /// As the operator comes: by TLS, as the administrator.
    Access access_{broker_.broker.address("GOOD"), broker_.security("admin", "of the admin").properties(), 10s};
};

TEST_F(AccessTest, AUserIsMadeWithExactlyItsRights) {
    const std::string user = fresh_user();
    const std::set<Grant> grants{reading("a"), writing("a"), writing("b"), joining("g")};
    EXPECT_FALSE(access_.as_wanted(user, grants).value());
    ASSERT_TRUE(access_.provision(user, "one", grants));
    EXPECT_TRUE(comes_to_be(user, grants));
    EXPECT_FALSE(access_.as_wanted(user, {reading("a")}).value()) << "more than wanted is not as wanted";

    const std::set<Grant> others{reading("a"), writing("c")};
    ASSERT_TRUE(access_.provision(user, "one", others));
    EXPECT_TRUE(comes_to_be(user, others)) << "what is not wanted any more is taken away";
    EXPECT_TRUE(access_.provision(user, "one", others)) << "a repeat does no harm";

    ASSERT_TRUE(access_.remove(user));
    EXPECT_TRUE(wait_until([&] {
        const auto seen = access_.as_wanted(user, others);
        return seen && !*seen;
    }));
    EXPECT_TRUE(access_.remove(user)) << "it is gone, as wanted";
}

TEST_F(AccessTest, OnlyTheNewPasswordOpensAndOnlyWhatIsGivenIsSeen) {
    const std::string user = fresh_user();
    const std::string own = broker_.broker.fresh_topic("own");
    const std::string foreign = broker_.broker.fresh_topic("foreign");
    broker_.give(user, "old", {reading(own)});
    const auto seen = look(user, "old", own);
    ASSERT_TRUE(seen) << seen.error().what;
    EXPECT_EQ(seen->size(), 1U);
    const auto denied = look(user, "old", foreign);
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().kind, ErrorKind::Denied) << denied.error().what;

    ASSERT_TRUE(access_.provision(user, "new", {reading(own)}));
    EXPECT_TRUE(wait_until([&] { return look(user, "new", own).has_value(); }));
    const auto refused = look(user, "old", own);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Denied) << refused.error().what;
    EXPECT_EQ(access_.provision(user, "", {}).error().kind, ErrorKind::Invalid);
}

TEST_F(AccessTest, WhoMayNotIsDenied) {
    const std::string user = fresh_user();
    broker_.give(user, "one", {});
    Access mere(broker_.broker.address("GOOD"), broker_.security(user, "one").properties(), 10s);
    EXPECT_EQ(mere.provision(user, "two", {}).error().kind, ErrorKind::Denied);
    EXPECT_EQ(mere.as_wanted(user, {}).error().kind, ErrorKind::Denied);
}

TEST_F(AccessTest, WithoutABrokerNothingIsAbsent) {
    Access nowhere("127.0.0.1:" + std::to_string(test::free_port()), {}, 300ms);
    for (const auto& error : {nowhere.as_wanted("u", {}).error(), nowhere.provision("u", "p", {}).error(), nowhere.remove("u").error()}) {
        EXPECT_TRUE(retryable(error.kind)) << error.what;
    }
}

}  // namespace
}  // namespace platform::kafka
