#include "operator/provision/grants.hpp"

#include <gtest/gtest.h>

namespace platform::provision {
namespace {

const std::set<std::string> kWanted{"SELECT", "INSERT", "UPDATE", "DELETE"};
const std::string kObject = "`orders\\_db`.*";
const std::string kUser = "'order'@'%'";
const std::string kUsage = "GRANT USAGE ON *.* TO `order`@`%`";

std::vector<std::string> changes(const std::vector<std::string>& lines) {
    return grant_changes(lines, kWanted, kObject, kUser);
}

TEST(Grants, ReadsALine) {
    const auto grant =
        parse_grant("GRANT SELECT, INSERT ON `orders\\_db`.* TO `order`@`%` WITH GRANT OPTION");
    EXPECT_EQ(grant.object, kObject);
    EXPECT_EQ(grant.privileges, (std::set<std::string>{"SELECT", "INSERT", "GRANT OPTION"}));
    EXPECT_EQ(parse_grant("GRANT `role`@`%` TO `order`@`%`").object, "");
}

TEST(Grants, UnderscoresOfNamesAreNoWildcards) {
    EXPECT_EQ(grant_object("orders_db"), kObject);
    EXPECT_EQ(grant_object("a%b"), "`a\\%b`.*");
}

TEST(Grants, WhatIsAsWantedIsLeftAlone) {
    EXPECT_TRUE(
        changes({kUsage, "GRANT SELECT, INSERT, UPDATE, DELETE ON `orders\\_db`.* TO `order`@`%`"}).empty()
    );
}

TEST(Grants, WhatIsMissingIsGrantedAndNothingElse) {
    EXPECT_EQ(
        changes({kUsage}),
        std::vector<std::string>{"GRANT DELETE, INSERT, SELECT, UPDATE ON `orders\\_db`.* TO 'order'@'%'"}
    );
    EXPECT_EQ(
        changes({kUsage, "GRANT SELECT, INSERT, UPDATE ON `orders\\_db`.* TO `order`@`%`"}),
        std::vector<std::string>{"GRANT DELETE ON `orders\\_db`.* TO 'order'@'%'"}
    );
}

TEST(Grants, WhatIsTooMuchIsRevokedAfterwards) {
    const auto made = changes(
        {kUsage,
         "GRANT SELECT, DROP ON `orders\\_db`.* TO `order`@`%`",
         "GRANT SELECT ON `payments\\_db`.* TO `order`@`%`"}
    );
    ASSERT_EQ(made.size(), 3U);
    EXPECT_TRUE(made[0].starts_with("GRANT"));
    EXPECT_EQ(made[1], "REVOKE DROP ON `orders\\_db`.* FROM 'order'@'%'");
    EXPECT_EQ(made[2], "REVOKE SELECT ON `payments\\_db`.* FROM 'order'@'%'");
}

TEST(Grants, AllPrivilegesBecomeTheWantedOnes) {
    const auto made = changes({kUsage, "GRANT ALL PRIVILEGES ON `orders\\_db`.* TO `order`@`%`"});
    ASSERT_EQ(made.size(), 2U);
    EXPECT_TRUE(made[0].starts_with("REVOKE ALL PRIVILEGES"));
    EXPECT_TRUE(made[1].starts_with("GRANT DELETE"));
}

}  // namespace
}  // namespace platform::provision
