#include "operator/provision/kafka_accounts.hpp"

#include "operator/provision/kafka_topics.hpp"
#include "operator/reconcile/kafka_rights.hpp"
#include "shared/kafka/admin.hpp"
#include "tests/shared/kafka/secure_broker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace platform::provision {
namespace {

using namespace std::chrono_literals;
using kafka::SecureBroker;
using reconcile::KafkaUserAccess;
using test::wait_until;

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The users of the platform at a broker that wants TLS.
class KafkaAccountsTest : public testing::Test {
protected:
    KafkaAccountsTest() {
        broker_.give("admin", "of-the-admin", {});
        for (const auto& user : reconcile::kafka_users()) users_.push_back({.wanted = user, .password = user.name + "-password"});
    }
    [[nodiscard]] bool complete(const std::vector<KafkaUserAccess>& users) {
        const auto seen = accounts_.observe(admin_, users);
        EXPECT_TRUE(seen) << seen.error().what;
        return seen && std::ranges::all_of(*seen, &reconcile::KafkaUserSeen::complete);
    }
    void provision_all() {
        for (const auto& user : users_) {
            const auto made = accounts_.provision(admin_, user);
            ASSERT_TRUE(made) << made.error().what;
        }
        ASSERT_TRUE(wait_until([&] { return complete(users_); }));
    }

    SecureBroker& broker_ = SecureBroker::instance();
    reconcile::KafkaLogin admin_{
        .bootstrap_servers = broker_.broker.address("GOOD"),
        .ca = text_of(broker_.authority.ca()),
        .user = "admin",
        .password = "of-the-admin"
    };
    KafkaAccounts accounts_{20s};
    std::vector<KafkaUserAccess> users_;
};

TEST_F(KafkaAccountsTest, MakesUsersAndSeesALostRightAndAnotherPassword) {
    provision_all();
    std::vector<KafkaUserAccess> other = users_;
    other[0].password = "another-password";
    EXPECT_FALSE(complete(other)) << "the Secret has another password than the broker";
    ASSERT_TRUE(accounts_.provision(admin_, other[0]));
    EXPECT_TRUE(wait_until([&] { return complete(other); }));
    EXPECT_FALSE(complete(users_)) << "the old one opens no more";

    broker_.give("payment", users_[1].password, {{.kind = kafka::Grant::Kind::Topic, .name = "order.events", .operation = kafka::Grant::Operation::Read}});
    EXPECT_FALSE(complete({users_[1]})) << "somebody took rights away";
    ASSERT_TRUE(accounts_.drop(admin_, users_[1].wanted));
    EXPECT_TRUE(wait_until([&] { return !complete({users_[1]}); }));
}

TEST_F(KafkaAccountsTest, AServiceReadsItsOwnTopicsAndNoOthers) {
    provision_all();
    KafkaTopics topics(20s);
    ASSERT_TRUE(topics.create(admin_, {{.name = "order.events"}, {.name = "notification.events"}})) << "topics are made over TLS, too";
    const auto look = [&](const std::string& topic) {
        kafka::Admin own(admin_.bootstrap_servers, broker_.security("payment", "payment-password").properties(), 20s);
        return own.describe({topic}, {});
    };
    EXPECT_TRUE(wait_until([&] {
        const auto found = look("order.events");
        return found && found->size() == 1;
    }));
    const auto foreign = look("notification.events");
    ASSERT_FALSE(foreign);
    EXPECT_EQ(foreign.error().kind, ErrorKind::Denied) << foreign.error().what;
}

TEST_F(KafkaAccountsTest, AWrongAdministratorIsAnErrorNotAnEmptyBroker) {
    admin_.password = "wrong";
    KafkaAccounts accounts(5s);
    const auto seen = accounts.observe(admin_, users_);
    ASSERT_FALSE(seen);
    EXPECT_EQ(seen.error().kind, ErrorKind::Denied) << seen.error().what;
}

}  // namespace
}  // namespace platform::provision
