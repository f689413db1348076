#include "shared/config/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace platform::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string fault_of(std::string_view yaml) {
    try {
        (void)Source::of({}, yaml);
    } catch (const SettingError& e) {
        return e.what();
    }
    return "";
}

TEST(Source, PrefersTheEnvironmentToTheFile) {
    const auto source = Source::of({{"HTTP_PORT", "1"}}, "http: {port: 2, host: here}");
    EXPECT_EQ(source.find("HTTP_PORT"), "1");
    EXPECT_EQ(source.origin("HTTP_PORT"), "the environment");
    EXPECT_EQ(source.find("HTTP_HOST"), "here");
    EXPECT_EQ(source.origin("HTTP_HOST"), "the file of CONFIG_FILE");
    EXPECT_EQ(source.find("HTTP_THREADS"), std::nullopt);
}

TEST(Source, ReadsNestedDottedAndDashedKeysAlike) {
    for (const char* yaml : {
             "http: {max-body: 7}",
             "http:\n  max_body: 7\n",
             "http.max-body: 7",
             "HTTP_MAX_BODY: 7",
             "http-max: {body: '7'}",
             "{\"http\": {\"max\": {\"body\": 7}}}",
         }) {
        EXPECT_EQ(Source::of({}, yaml).find("HTTP_MAX_BODY"), "7") << yaml;
    }
}

TEST(Source, JoinsSequencesAndKeepsEmptyFiles) {
    const auto source = Source::of({}, "topics: [a, b]\nflow:\n- 1\n- 2\nnone: []\n");
    EXPECT_EQ(source.find("TOPICS"), "a,b");
    EXPECT_EQ(source.find("FLOW"), "1,2");
    EXPECT_EQ(source.find("NONE"), "");
    EXPECT_EQ(Source::of({}, "").find("X"), std::nullopt);
    EXPECT_EQ(Source::of({}, "# nothing yet\n").find("X"), std::nullopt);
}

TEST(Source, ListsKeysThatNobodyKnows) {
    const auto source = Source::of({{"PATH", "/bin"}}, "a: 1\nb: {c: 2}");
    EXPECT_THAT(source.unused({"A"}), ElementsAre("B_C"));
    EXPECT_THAT(source.unused({"A", "B_C"}), ElementsAre());
}

TEST(Source, NamesTheFaultOfAFile) {
    EXPECT_THAT(fault_of("a: 1\nb: [\n"), HasSubstr("not valid YAML at line"));
    EXPECT_THAT(fault_of("just text"), HasSubstr("not a map of settings"));
    EXPECT_THAT(fault_of("[a, b]"), HasSubstr("not a map of settings"));
    EXPECT_THAT(fault_of("http: {port: }"), HasSubstr("HTTP_PORT has no value"));
    EXPECT_THAT(fault_of("http: {port: 1}\nhttp.port: 2"), HasSubstr("HTTP_PORT is set twice"));
    EXPECT_THAT(fault_of("a: 1\na: 2"), HasSubstr("A is set twice"));
    EXPECT_THAT(fault_of("routes:\n- {id: a}"), HasSubstr("ROUTES is not a list of plain values"));
    EXPECT_THAT(fault_of("topics: ['a,b']"), HasSubstr("TOPICS is not a list of plain values"));
    EXPECT_THAT(fault_of("? [a]\n: 1"), HasSubstr("key that is not a plain text"));
    std::string deep;
    for (int i = 0; i < 40; ++i) deep += "{a: ";
    EXPECT_THAT(fault_of(deep + "1" + std::string(40, '}')), HasSubstr("nested too deep"));
}

TEST(Source, DoesNotUnfoldAliasesWithoutEnd) {
    std::string yaml = "a0: &a0 {x: 1}\n";
    for (int i = 1; i < 12; ++i) {
        const auto last = "*a" + std::to_string(i - 1);
        yaml += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " {";
        for (const char* key : {"p", "q", "r", "s", "t", "u", "v"}) yaml += std::string(key) + ": " + last + ", ";
        yaml += "}\n";
    }
    EXPECT_THAT(fault_of(yaml), HasSubstr("is too large"));
    EXPECT_THAT(fault_of("http: &a {port: *a}"), HasSubstr("is nested too deep"));
}

TEST(Source, NeverQuotesAMalformedFile) {
    EXPECT_THAT(fault_of("password: \"hunter2\nnext: 1"), Not(HasSubstr("hunter2")));
}

/// The environment is the process's own, so these tests set and restore a variable.
class ProcessSource : public testing::Test {
protected:
    ProcessSource()
        : path_(
              std::filesystem::temp_directory_path() / ("source_test." + std::to_string(getpid()) + ".yaml")
          ) {}
    ~ProcessSource() override {
        unsetenv("CONFIG_FILE");
        std::filesystem::remove(path_);
    }
    const std::filesystem::path path_;
};

TEST_F(ProcessSource, ReadsTheFileThatTheEnvironmentNames) {
    std::ofstream(path_) << "source_test: {value: from the file}\n";
    setenv("CONFIG_FILE", path_.c_str(), 1);
    EXPECT_EQ(Source::of_process().find("SOURCE_TEST_VALUE"), "from the file");
}

TEST_F(ProcessSource, RefusesAFileThatIsNotThere) {
    setenv("CONFIG_FILE", path_.c_str(), 1);
    EXPECT_THROW((void)Source::of_process(), SettingError);
}

TEST_F(ProcessSource, RefusesADirectory) {
    setenv("CONFIG_FILE", "/", 1);
    EXPECT_THROW((void)Source::of_process(), SettingError);
}

TEST(SourceTree, KeepsTheKeysOfTheFileAsTheyWereWritten) {
    const auto source = Source::of(
        {{"RESILIENCE4J_RETRY_CONFIGS_A_X", "9"}, {"OTHER", "1"}},
        "resilience4j:\n  retry.instances: {order-kafka: {maxAttempts: 3, kinds: [a, b]}}\nhttp: {port: 1}\n"
    );
    const auto leaves = source.tree("resilience4j");
    ASSERT_EQ(leaves.size(), 3U);
    std::map<std::string, std::vector<std::string>> paths;
    for (const auto& leaf : leaves) paths[leaf.value] = leaf.path;
    EXPECT_EQ(paths.at("3"), (std::vector<std::string>{"retry", "instances", "order-kafka", "maxAttempts"}));
    EXPECT_EQ(paths.at("a,b"), (std::vector<std::string>{"retry", "instances", "order-kafka", "kinds"}));
    EXPECT_EQ(paths.at("9"), (std::vector<std::string>{"RETRY_CONFIGS_A_X"}));
    for (const auto& leaf : leaves) {
        EXPECT_TRUE(leaf.written.contains(leaf.value == "9" ? "environment" : "CONFIG_FILE")) << leaf.written;
    }
    EXPECT_TRUE(source.tree("nothing").empty());
}

TEST(SourceTree, IsKnownToAReaderThatAskedForIt) {
    const auto source = Source::of({}, "resilience4j: {retry: {x: 1}}");
    Reader careless(source);
    EXPECT_THROW(careless.finish(), SettingError);
    Reader reader(source);
    EXPECT_EQ(reader.tree("resilience4j").size(), 1U);
    EXPECT_NO_THROW(reader.finish());
}

}  // namespace
}  // namespace platform::config
