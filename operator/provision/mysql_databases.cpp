#include "operator/provision/mysql_databases.hpp"

#include "operator/provision/grants.hpp"
#include "shared/core/check.hpp"
#include "shared/mysql/session.hpp"

#include <algorithm>
#include <set>

namespace platform::provision {
namespace {

using mysql::Session;
using mysql::Sql;
using reconcile::DatabaseAccess;
using reconcile::DatabaseSeen;
using reconcile::MysqlLogin;

const std::set<std::string> kRowRights{"SELECT", "INSERT", "UPDATE", "DELETE"};
const std::set<std::string>
    kSchemaRights{"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "REFERENCES", "INDEX", "ALTER"};

/// `trusted` is the file of authorities; empty = no TLS.
Result<std::unique_ptr<Session>> login(const MysqlLogin& to, const std::string& trusted) {
    return Session::connect(
        {.host = to.host,
         .port = static_cast<std::uint16_t>(to.port),
         .user = to.user,
         .password = to.password,
         .database = {},
         .connect_timeout = std::chrono::seconds(3),
         .read_timeout = std::chrono::seconds(10),
         .lock_wait_timeout = std::chrono::seconds(5),
         .tls_ca = trusted,
         .pool_size = 1}
    );
}

/// 'order'@'%'. The names are our own.
std::string account(const std::string& user) {
    const bool plain = std::ranges::all_of(user, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    CHECK(plain && !user.empty(), "users of databases are named by our own table");
    return "'" + user + "'@'%'";
}

Result<std::vector<std::string>> texts(Session& session, const Sql& sql) {
    auto rows = session.query(sql);
    if (!rows) return fail(rows.error());
    std::vector<std::string> out;
    for (const mysql::Row& row : *rows) out.push_back(row.text(0));
    return out;
}

/// True when the user can log in with `password` and has `rights` on the database and nowhere else.
Result<bool> user_as_wanted(
    const MysqlLogin& admin,
    const std::string& trusted,
    const std::string& user,
    const std::string& password,
    const std::string& database,
    const std::set<std::string>& rights
) {
    if (password.empty()) return false;
    auto session = login({.host = admin.host, .port = admin.port, .user = user, .password = password}, trusted);
    if (!session && session.error().kind == ErrorKind::Denied) return false;
    if (!session) return fail(session.error());
    const auto grants = texts(**session, Sql("SHOW GRANTS"));
    if (!grants) return fail(grants.error());
    return grant_changes(*grants, rights, grant_object(database), account(user)).empty();
}

Result<void> make_user(
    Session& session,
    const std::string& user,
    const std::string& password,
    const std::string& database,
    const std::set<std::string>& rights
) {
    const bool plain =
        std::ranges::all_of(password, [](char c) { return c >= ' ' && c <= '~' && c != '\'' && c != '\\'; });
    if (password.empty() || !plain) {
        return fail(
            ErrorKind::Invalid,
            "the password of " + user + " in its Secret is empty or has characters that are not allowed"
        );
    }
    const std::string name = account(user);
    std::string quoted = "'";
    quoted.append(password).append("'");
    for (const std::string& statement :
         {"CREATE USER IF NOT EXISTS " + name + " IDENTIFIED BY " + quoted,
          "ALTER USER " + name + " IDENTIFIED BY " + quoted}) {
        if (auto done = session.execute(Sql(statement)); !done) return fail(done.error());
    }
    const auto grants = texts(session, Sql("SHOW GRANTS FOR " + name));
    if (!grants) return fail(grants.error());
    for (const std::string& change : grant_changes(*grants, rights, grant_object(database), name)) {
        if (auto done = session.execute(Sql(change)); !done) return fail(done.error());
    }
    return {};
}

}  // namespace

Result<std::vector<DatabaseSeen>>
MysqlDatabases::observe(const MysqlLogin& admin, const std::vector<DatabaseAccess>& databases) {
    const auto trusted = trust_.path_of(admin.ca);
    if (!trusted) return fail(trusted.error());
    auto session = login(admin, *trusted);
    if (!session) return fail(session.error());
    const auto names = texts(**session, Sql("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA"));
    if (!names) return fail(names.error());

    std::vector<DatabaseSeen> seen;
    for (const auto& [wanted, password, ddl_password] : databases) {
        const auto user = user_as_wanted(admin, *trusted, wanted.user, password, wanted.name, kRowRights);
        if (!user) return fail(user.error());
        const auto ddl_user =
            user_as_wanted(admin, *trusted, wanted.ddl_user, ddl_password, wanted.name, kSchemaRights);
        if (!ddl_user) return fail(ddl_user.error());
        seen.push_back(
            {.name = wanted.name,
             .database = std::ranges::find(*names, wanted.name) != names->end(),
             .user = *user,
             .ddl_user = *ddl_user}
        );
    }
    return seen;
}

Result<void> MysqlDatabases::provision(const MysqlLogin& admin, const DatabaseAccess& database) {
    const auto trusted = trust_.path_of(admin.ca);
    if (!trusted) return fail(trusted.error());
    auto session = login(admin, *trusted);
    if (!session) return fail(session.error());
    const auto& wanted = database.wanted;
    auto created = (*session)->execute(Sql(
        "CREATE DATABASE IF NOT EXISTS `" + wanted.name + "` CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci"
    ));
    if (!created) return fail(created.error());
    if (auto made = make_user(**session, wanted.user, database.password, wanted.name, kRowRights); !made)
        return made;
    return make_user(**session, wanted.ddl_user, database.ddl_password, wanted.name, kSchemaRights);
}

Result<void> MysqlDatabases::drop(const MysqlLogin& admin, const reconcile::DatabaseWanted& database) {
    const auto trusted = trust_.path_of(admin.ca);
    if (!trusted) return fail(trusted.error());
    auto session = login(admin, *trusted);
    if (!session) return fail(session.error());
    for (const std::string& statement :
         {"DROP DATABASE IF EXISTS `" + database.name + "`",
          "DROP USER IF EXISTS " + account(database.user),
          "DROP USER IF EXISTS " + account(database.ddl_user)}) {
        if (auto done = (*session)->execute(Sql(statement)); !done) return fail(done.error());
    }
    return {};
}

}  // namespace platform::provision
