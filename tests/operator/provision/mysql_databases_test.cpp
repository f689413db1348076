#include "operator/provision/mysql_databases.hpp"

#include "shared/mysql/session.hpp"
#include "tests/backends/certificates.hpp"
#include "tests/backends/mysql_server.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace platform::provision {
namespace {

using test::MysqlServer;

class MysqlDatabasesTest : public testing::Test {
protected:
    void SetUp() override {
        const auto root = MysqlServer::instance().root();
        admin_ = {.host = root.host, .port = root.port, .user = root.user, .password = root.password};
        ASSERT_TRUE(databases_.drop(admin_, access_.wanted));
    }
    [[nodiscard]] reconcile::DatabaseSeen seen() {
        auto all = databases_.observe(admin_, {access_});
        EXPECT_TRUE(all) << all.error().what;
        return all->front();
    }
    [[nodiscard]] Result<std::unique_ptr<mysql::Session>>
    login(const std::string& user, const std::string& password) const {
        mysql::Options options;
        options.host = admin_.host;
        options.port = static_cast<std::uint16_t>(admin_.port);
        options.user = user;
        options.password = password;
        options.database = "orders_db";
        return mysql::Session::connect(options);
    }

    MysqlDatabases databases_;
    reconcile::MysqlLogin admin_;
    reconcile::DatabaseAccess access_{
        .wanted =
            {.name = "orders_db",
             .service = "order",
             .user = "order",
             .ddl_user = "order_ddl",
             .secret = "",
             .ddl_secret = ""},
        .password = "first-Password1",
        .ddl_password = "second-Password1"
    };
};

TEST_F(MysqlDatabasesTest, ProvisionsWhatIsMissingAndThenSeesIt) {
    EXPECT_FALSE(seen().database || seen().user || seen().ddl_user);
    ASSERT_TRUE(databases_.provision(admin_, access_));
    EXPECT_TRUE(seen().complete());
    ASSERT_TRUE(databases_.provision(admin_, access_)) << "it can be repeated";
    EXPECT_TRUE(seen().complete());
}

TEST_F(MysqlDatabasesTest, TheServicesUserMayWorkWithRowsButNotWithTables) {
    ASSERT_TRUE(databases_.provision(admin_, access_));
    auto ddl = login("order_ddl", access_.ddl_password);
    ASSERT_TRUE(ddl) << ddl.error().what;
    ASSERT_TRUE((*ddl)->execute(mysql::Sql("CREATE TABLE t (id INT PRIMARY KEY)")));
    auto dml = login("order", access_.password);
    ASSERT_TRUE(dml) << dml.error().what;
    EXPECT_TRUE((*dml)->execute(mysql::Sql("INSERT INTO t VALUES (1)")));
    EXPECT_TRUE((*dml)->execute(mysql::Sql("DELETE FROM t")));
    EXPECT_EQ((*dml)->execute(mysql::Sql("DROP TABLE t")).error().kind, ErrorKind::Denied);
    EXPECT_EQ((*dml)->query(mysql::Sql("SELECT * FROM mysql.user")).error().kind, ErrorKind::Denied);
}

TEST_F(MysqlDatabasesTest, AUserSeesNoDatabaseOfANeighbourWhoseNameFitsAWildcard) {
    ASSERT_TRUE(databases_.provision(admin_, access_));
    MysqlServer::instance().run("CREATE DATABASE IF NOT EXISTS ordersXdb");
    auto session = login("order", access_.password);
    ASSERT_TRUE(session);
    EXPECT_FALSE((*session)->execute(mysql::Sql("USE ordersXdb")));
    MysqlServer::instance().run("DROP DATABASE ordersXdb");
}

TEST_F(MysqlDatabasesTest, SeesAndRepairsDrift) {
    ASSERT_TRUE(databases_.provision(admin_, access_));
    for (const char* harm :
         {"REVOKE DELETE ON `orders\\_db`.* FROM 'order'@'%'",
          "GRANT DROP ON `orders\\_db`.* TO 'order'@'%'",
          "GRANT SELECT ON mysql.* TO 'order'@'%'",
          "ALTER USER 'order'@'%' IDENTIFIED BY 'changed-By-Hand1'",
          "DROP USER 'order'@'%'"}) {
        SCOPED_TRACE(harm);
        MysqlServer::instance().run(harm);
        EXPECT_FALSE(seen().user);
        EXPECT_TRUE(seen().ddl_user);
        ASSERT_TRUE(databases_.provision(admin_, access_));
        EXPECT_TRUE(seen().complete());
    }
}

TEST_F(MysqlDatabasesTest, ANewPasswordReplacesTheOldOneAndRowsStay) {
    ASSERT_TRUE(databases_.provision(admin_, access_));
    ASSERT_TRUE((*login("order_ddl", access_.ddl_password))->execute(mysql::Sql("CREATE TABLE kept (id INT)"))
    );
    access_.password = "third-Password1";
    EXPECT_FALSE(seen().user);
    ASSERT_TRUE(databases_.provision(admin_, access_));
    EXPECT_TRUE(seen().complete());
    EXPECT_FALSE(login("order", "first-Password1"));
    EXPECT_TRUE((*login("order", "third-Password1"))->query(mysql::Sql("SELECT * FROM kept")));
}

TEST_F(MysqlDatabasesTest, APasswordThatCouldBeSyntaxIsRefused) {
    for (const char* password : {"", "quote'", "back\\slash", "line\nbreak"}) {
        access_.password = password;
        const auto done = databases_.provision(admin_, access_);
        ASSERT_FALSE(done);
        EXPECT_EQ(done.error().kind, ErrorKind::Invalid);
    }
}

TEST_F(MysqlDatabasesTest, AnUnreachableServerIsAnErrorNotAnEmptyOne) {
    auto nowhere = admin_;
    nowhere.port = 1;
    const auto all = databases_.observe(nowhere, {access_});
    ASSERT_FALSE(all);
    EXPECT_TRUE(retryable(all.error().kind));
    auto stranger = admin_;
    stranger.password = "wrong";
    EXPECT_EQ(databases_.observe(stranger, {access_}).error().kind, ErrorKind::Denied);
}

TEST_F(MysqlDatabasesTest, DropsDatabaseAndUsersRepeatably) {
    ASSERT_TRUE(databases_.provision(admin_, access_));
    ASSERT_TRUE(databases_.drop(admin_, access_.wanted));
    ASSERT_TRUE(databases_.drop(admin_, access_.wanted));
    EXPECT_FALSE(seen().database || seen().user || seen().ddl_user);
}

TEST_F(MysqlDatabasesTest, WorksByTlsAgainstAServerThatWantsIt) {
    test::Authority authority;
    const auto shown = authority.issue("DNS:mysql,IP:127.0.0.2");
    auto& server = MysqlServer::instance();
    server.run("SET GLOBAL ssl_ca = '" + authority.ca() + "'");
    server.run("SET GLOBAL ssl_cert = '" + shown.certificate + "'");
    server.run("SET GLOBAL ssl_key = '" + shown.key + "'");
    server.run("ALTER INSTANCE RELOAD TLS");
    std::ifstream file(authority.ca());
    const auto tester = server.fresh_database();  // root comes from localhost alone
    admin_ = {
        .host = "127.0.0.2",
        .port = tester.port,
        .user = tester.user,
        .password = tester.password,
        .ca = {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}
    };
    server.run("SET GLOBAL require_secure_transport = ON");
    const auto provisioned = databases_.provision(admin_, access_);
    const auto observed = databases_.observe(admin_, {access_});
    reconcile::MysqlLogin plain = admin_;
    plain.ca.clear();
    const auto refused = databases_.observe(plain, {access_});
    mysql::Options restoring = tester;
    restoring.host = admin_.host;
    restoring.tls_ca = authority.ca();
    auto session = mysql::Session::connect(restoring);
    ASSERT_TRUE(session.has_value()) << session.error().what;
    ASSERT_TRUE((*session)->execute(mysql::Sql("SET GLOBAL require_secure_transport = OFF")));
    ASSERT_TRUE(provisioned) << provisioned.error().what;
    ASSERT_TRUE(observed) << observed.error().what;
    EXPECT_TRUE(observed->front().complete());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Denied) << refused.error().what;
}

}  // namespace
}  // namespace platform::provision
