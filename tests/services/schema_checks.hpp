#pragma once
#include "shared/mysql/migrations.hpp"
#include "tests/backends/mysql_server.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace platform::test {

/// Migrations run once, are recognised, survive a crash between a statement and its record, and leave a
/// schema that the program accepts.
inline void expect_repeatable(const std::vector<mysql::Migration>& migrations) {
    auto session = mysql::Session::connect(MysqlServer::instance().fresh_database()).value();
    EXPECT_FALSE(mysql::verify_schema(*session, migrations)) << "an empty database is not usable";
    const auto first = mysql::migrate(*session, migrations);
    ASSERT_TRUE(first.has_value()) << first.error().what;
    EXPECT_GT(*first, 0);
    EXPECT_TRUE(mysql::verify_schema(*session, migrations));
    EXPECT_EQ(mysql::migrate(*session, migrations).value(), 0);
    ASSERT_TRUE(session->execute(mysql::Sql("DELETE FROM schema_history")));
    EXPECT_EQ(mysql::migrate(*session, migrations).value(), *first) << "each statement can be repeated";
}

/// The index of that name can answer this query. Tables are empty, so that only what is possible is asked,
/// not what the optimizer likes.
inline void expect_indexed(
    const std::vector<mysql::Migration>& migrations,
    const std::string& query,
    const std::string& index
) {
    auto session = mysql::Session::connect(MysqlServer::instance().fresh_database()).value();
    ASSERT_TRUE(mysql::migrate(*session, migrations));
    auto plan = session->query(mysql::Sql("EXPLAIN FORMAT=TRADITIONAL " + query));
    ASSERT_TRUE(plan.has_value()) << plan.error().what;
    // A primary key that is not there is looked up while planning; the note says so then.
    const auto& row = plan->front();
    const std::string possible = row.is_null(5) ? "" : row.text(5);
    const std::string note = row.is_null(11) ? "" : row.text(11);
    EXPECT_TRUE(possible.find(index) != std::string::npos || note.find("const table") != std::string::npos)
        << "possible keys: " << possible << ", " << note;
}

}  // namespace platform::test
