#include "shared/config/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace platform::config {
namespace {

TEST(PrintSettings, AlignsOneRowASetting) {
    std::ostringstream out;
    print_settings(
        out,
        {
            {.name = "HTTP_PORT", .meaning = "Where it listens.", .fallback = "8081", .unit = "port"},
            {.name = "NAME", .meaning = "What it is called.", .fallback = ""},
            {.name = "MYSQL_HOST", .meaning = "Where the database is.", .unit = "host", .required = true},
        }
    );
    EXPECT_EQ(
        out.str(),
        "setting     default     unit  meaning\n"
        "HTTP_PORT   8081        port  Where it listens.\n"
        "NAME        (empty)     -     What it is called.\n"
        "MYSQL_HOST  (required)  host  Where the database is.\n"
    );
}

TEST(PrintSettings, NeverPrintsASecret) {
    const Source source = Source::of({{"PASSWORD", "given"}});
    Reader reader(source);
    EXPECT_EQ(
        reader.text({.name = "PASSWORD", .meaning = "The key.", .fallback = "built-in", .secret = true}),
        "given"
    );
    std::ostringstream out;
    print_settings(out, reader.rows());
    EXPECT_THAT(out.str(), testing::Not(testing::HasSubstr("given")));
    EXPECT_THAT(out.str(), testing::Not(testing::HasSubstr("built-in")));
    EXPECT_THAT(
        out.str(), testing::HasSubstr("PASSWORD  (secret)  -     The key. (secret; or PASSWORD_FILE)")
    );
}

}  // namespace
}  // namespace platform::config
