#include "shared/config/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace platform::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// What a program of a few settings sees.
struct Settings {
    std::string name;
    std::int64_t port = 0;
    double ratio = 0;
    bool tls = false;
    std::chrono::milliseconds patience{};
    std::string level;
    std::vector<std::string> topics;
    std::string password;
    std::string fault;
};

Settings read(std::map<std::string, std::string> environment, std::string_view yaml = "") {
    const Source source = Source::of(std::move(environment), yaml);
    Reader reader(source);
    Settings settings;
    settings.name = reader.text({.name = "NAME", .meaning = "What it is called.", .fallback = "order"});
    settings.port = reader.integer(
        {.name = "PORT", .meaning = "Where it listens.", .fallback = "8081", .unit = "port"}, 1, 65535
    );
    settings.ratio = reader.number({.name = "RATIO", .meaning = "How much.", .fallback = "0.5"}, 0, 1);
    settings.tls = reader.flag({.name = "TLS", .meaning = "Whether to encrypt.", .fallback = "false"});
    settings.patience =
        reader.duration({.name = "PATIENCE", .meaning = "How long.", .fallback = "5s"}, 10ms, 2h);
    settings.level =
        reader.choice({.name = "LEVEL", .meaning = "How loud.", .fallback = "info"}, {"info", "warn"});
    settings.topics = reader.list({.name = "TOPICS", .meaning = "Which ones.", .fallback = "a,b"});
    settings.password =
        reader.text({.name = "PASSWORD", .meaning = "The secret.", .fallback = "", .secret = true});
    try {
        reader.finish();
    } catch (const SettingError& e) {
        settings.fault = e.what();
    }
    return settings;
}

TEST(Reader, GivesDefaults) {
    const auto settings = read({});
    EXPECT_EQ(settings.name, "order");
    EXPECT_EQ(settings.port, 8081);
    EXPECT_EQ(settings.ratio, 0.5);
    EXPECT_FALSE(settings.tls);
    EXPECT_EQ(settings.patience, 5s);
    EXPECT_EQ(settings.level, "info");
    EXPECT_THAT(settings.topics, ElementsAre("a", "b"));
    EXPECT_THAT(settings.password, IsEmpty());
    EXPECT_THAT(settings.fault, IsEmpty());
}

TEST(Reader, ReadsEveryType) {
    const auto settings = read(
        {{"PORT", "1"}, {"RATIO", "0.25"}, {"TLS", "on"}, {"PATIENCE", "250ms"}, {"PASSWORD", "s3cret"}},
        "level: warn\ntopics: [x, y z]\nname: 'a b'"
    );
    EXPECT_THAT(settings.fault, IsEmpty());
    EXPECT_EQ(settings.port, 1);
    EXPECT_EQ(settings.ratio, 0.25);
    EXPECT_TRUE(settings.tls);
    EXPECT_EQ(settings.patience, 250ms);
    EXPECT_EQ(settings.level, "warn");
    EXPECT_THAT(settings.topics, ElementsAre("x", "y z"));
    EXPECT_EQ(settings.name, "a b");
    EXPECT_EQ(settings.password, "s3cret");
}

TEST(Reader, ReadsTimesInEveryUnit) {
    struct Case {
        const char* text;
        std::chrono::milliseconds value;
    };
    for (const auto& [text, value] :
         {Case{"10", 10ms},
          Case{"10ms", 10ms},
          Case{"3s", 3s},
          Case{"15m", 15min},
          Case{"2h", 2h},
          Case{"1min", 1min}}) {
        const auto settings = read({{"PATIENCE", text}});
        EXPECT_EQ(settings.patience, value) << text;
        EXPECT_THAT(settings.fault, IsEmpty());
    }
    const Source source = Source::of({{"LEASE", "30"}});
    Reader reader(source);
    EXPECT_EQ(reader.duration({.name = "LEASE", .meaning = "m", .fallback = "60", .unit = "s"}, 1s, 1h), 30s);
}

TEST(Reader, TrimsListsAndRefusesEmptyParts) {
    EXPECT_THAT(read({{"TOPICS", " x ,y "}}).topics, ElementsAre("x", "y"));
    EXPECT_THAT(read({{"TOPICS", ""}}).topics, IsEmpty());
    for (const char* bad : {",", "x,", ",x", "x,,y", "x, ,y"}) {
        EXPECT_THAT(read({{"TOPICS", bad}}).fault, StartsWith("TOPICS: ")) << bad;
    }
}

TEST(Reader, EveryBadSettingNamesItselfAndWhatIsAllowed) {
    struct Case {
        const char* name;
        const char* value;
        const char* allowed;
    };
    for (const auto& [name, value, allowed] : {
             Case{"PORT", "0", "a whole number from 1 to 65535"},
             Case{"PORT", "65536", "a whole number from 1 to 65535"},
             Case{"PORT", "99999999999999999999", "a whole number"},
             Case{"PORT", "80x", "a whole number"},
             Case{"PORT", " 80", "a whole number"},
             Case{"PORT", "", "a whole number"},
             Case{"PORT", "1.5", "a whole number"},
             Case{"RATIO", "1.1", "a number from 0 to 1"},
             Case{"RATIO", "nan", "a number"},
             Case{"RATIO", "much", "a number"},
             Case{"TLS", "maybe", "true or false"},
             Case{"TLS", "", "true or false"},
             Case{"PATIENCE", "9ms", "a time from 10ms to 2h"},
             Case{"PATIENCE", "3h", "a time from 10ms to 2h"},
             Case{"PATIENCE", "5 s", "a time"},
             Case{"PATIENCE", "-5s", "a time"},
             Case{"PATIENCE", "s", "a time"},
             Case{"PATIENCE", "5days", "a time"},
             Case{"PATIENCE", "9223372036854775807h", "a time"},
             Case{"LEVEL", "loud", "one of info, warn"},
             Case{"NAME", "two\nlines", "a text of one line"},
         }) {
        SCOPED_TRACE(std::string(name) + "=" + value);
        const auto settings = read({{name, value}});
        EXPECT_THAT(settings.fault, StartsWith(std::string(name) + ": "));
        EXPECT_THAT(settings.fault, HasSubstr(allowed));
        EXPECT_THAT(settings.fault, HasSubstr("from the environment"));
        EXPECT_THAT(settings.fault, Not(HasSubstr("\n")));
    }
    EXPECT_THAT(read({}, "port: none").fault, HasSubstr("from the file of CONFIG_FILE"));
}

TEST(Reader, TellsTheFirstFaultAndGoesOnWithDefaults) {
    const auto settings = read({{"PORT", "x"}, {"LEVEL", "y"}});
    EXPECT_THAT(settings.fault, StartsWith("PORT: "));
    EXPECT_EQ(settings.port, 8081);
    EXPECT_EQ(settings.level, "info");
}

TEST(Reader, RefusesAKeyOfTheFileThatNoRowNames) {
    EXPECT_THAT(read({}, "prot: 8080").fault, StartsWith("PROT: "));
    EXPECT_THAT(read({{"PROT", "8080"}}).fault, IsEmpty()) << "the environment holds what is not ours";
}

TEST(Reader, ARequiredSettingMustBeGiven) {
    for (const auto& environment : {std::map<std::string, std::string>{}, {{"MYSQL_USER", ""}}}) {
        const Source source = Source::of(environment);
        Reader reader(source);
        EXPECT_EQ(reader.text({.name = "MYSQL_USER", .meaning = "Who logs in.", .required = true}), "");
        EXPECT_EQ(reader.integer({.name = "COUNT", .meaning = "m", .required = true}, 1, 2), 0);
        try {
            reader.finish();
            FAIL() << "a required setting is missing";
        } catch (const SettingError& e) {
            EXPECT_STREQ(e.what(), "MYSQL_USER: must be set: Who logs in.");
        }
    }
}

TEST(ReaderDeathTest, ARowIsDeclaredOnceAndItsDefaultIsValid) {
    const Source source = Source::of({});
    Reader reader(source);
    (void)reader.text({.name = "A", .meaning = "m"});
    EXPECT_DEATH((void)reader.text({.name = "A", .meaning = "m"}), "declared once");
    EXPECT_DEATH(
        (void)reader.integer({.name = "B", .meaning = "m", .fallback = "9"}, 1, 2), "itself a valid value"
    );
}

class SecretFile : public testing::Test {
protected:
    SecretFile()
        : path_(std::filesystem::temp_directory_path() / ("reader_test." + std::to_string(getpid()))) {
        std::ofstream(path_) << "hunter2\n";
    }
    ~SecretFile() override { std::filesystem::remove(path_); }
    const std::filesystem::path path_;
};

TEST_F(SecretFile, GivesTheSecretWithoutItsLineEnd) {
    EXPECT_EQ(read({{"PASSWORD_FILE", path_}}).password, "hunter2");
    EXPECT_EQ(read({}, "password_file: " + path_.string()).password, "hunter2");
    EXPECT_THAT(read({}, "password_file: " + path_.string()).fault, IsEmpty());
}

TEST_F(SecretFile, IsOnlyForSecrets) {
    EXPECT_EQ(read({{"NAME_FILE", path_}}).name, "order");
    EXPECT_THAT(read({}, "name_file: " + path_.string()).fault, StartsWith("NAME_FILE: "));
}

TEST_F(SecretFile, IsRefusedBesideTheValueOrWhenUnreadable) {
    EXPECT_THAT(read({{"PASSWORD_FILE", path_}, {"PASSWORD", "x"}}).fault, HasSubstr("not both"));
    EXPECT_THAT(read({{"PASSWORD_FILE", path_.string() + ".gone"}}).fault, HasSubstr("cannot be read"));
    EXPECT_THAT(read({{"PASSWORD_FILE", "/"}}).fault, HasSubstr("cannot be read"));
}

TEST(Reader, NeverShowsASecret) {
    const Source source = Source::of({{"PIN", "hunter2"}, {"KEY", "hunter2\n"}});
    for (const bool as_text : {true, false}) {
        Reader reader(source);
        if (as_text) {
            (void)reader.text({.name = "KEY", .meaning = "m", .secret = true});
        } else {
            (void)reader.integer({.name = "PIN", .meaning = "m", .fallback = "1", .secret = true}, 0, 9);
        }
        try {
            reader.finish();
            FAIL() << "the value is not valid";
        } catch (const SettingError& e) {
            EXPECT_THAT(e.what(), Not(HasSubstr("hunter2")));
            EXPECT_THAT(e.what(), HasSubstr("the secret value"));
        }
    }
}

}  // namespace
}  // namespace platform::config
