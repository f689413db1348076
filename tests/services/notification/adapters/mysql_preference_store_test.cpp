#include "services/notification/adapters/mysql_preference_store.hpp"

#include "services/notification/migrations/migrations.hpp"
#include "tests/services/service_database.hpp"

#include <gtest/gtest.h>

#include <array>

namespace platform::notification {
namespace {

TEST(MysqlPreferenceStore, KeepsTheLastChoice) {
    test::ServiceDatabase database{migrations()};
    MysqlPreferenceStore store{database.pool};
    const Preference first{.email = "a@example.org", .channels = {"email", "log"}, .opt_out = false};
    const Preference second{.email = "", .channels = {}, .opt_out = true};
    const auto longest = test::long_text(64);
    ASSERT_TRUE(store.put(longest, first));
    ASSERT_TRUE(store.put("user-1", first));
    ASSERT_TRUE(store.put("user-1", first)) << "the same again";
    ASSERT_TRUE(store.put("user-1", second));
    const auto found = store.find(std::array{longest, std::string("user-1"), std::string("USER-1"), std::string("user-2")});
    ASSERT_TRUE(found) << found.error().what;
    EXPECT_EQ(*found, (std::map<std::string, Preference>{{longest, first}, {"user-1", second}}));
    EXPECT_TRUE(store.find({})->empty());
}

TEST(MysqlPreferenceStore, WithoutAServerSaysUnavailable) {
    test::ServiceDatabase database{migrations()};
    mysql::Options nowhere;
    nowhere.port = 1;
    mysql::Pool pool("nowhere", nowhere, database.clock, database.registry);
    MysqlPreferenceStore store{pool};
    EXPECT_EQ(store.find(std::array{std::string("a")}).error().kind, ErrorKind::Unavailable);
    EXPECT_EQ(store.put("a", {}).error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace platform::notification
