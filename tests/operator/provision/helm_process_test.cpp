#include "operator/provision/helm_process.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <future>

namespace platform::provision {
namespace {

using namespace std::chrono_literals;

Result<HelmProcess::Finished>
shell(const std::string& script, const std::string& input = "", Duration timeout = 20s) {
    HelmProcess process("/bin/sh", timeout);
    return process.run({"-c", script}, {{"GIVEN", "value"}}, input);
}

TEST(HelmProcess, GivesOutputErrorsAndExitCode) {
    const auto finished = shell("echo out; echo err >&2; exit 3");
    ASSERT_TRUE(finished) << finished.error().what;
    EXPECT_EQ(finished->exit_code, 3);
    EXPECT_EQ(finished->output, "out\n");
    EXPECT_EQ(finished->errors, "err\n");
}

TEST(HelmProcess, TheEnvironmentIsExactlyWhatIsGiven) {
    const auto finished = shell("/usr/bin/env");
    ASSERT_TRUE(finished);
    EXPECT_TRUE(finished->output.contains("GIVEN=value\n"));
    EXPECT_FALSE(finished->output.contains("PATH="));
}

TEST(HelmProcess, FeedsMoreInputThanAPipeHolds) {
    const std::string input(3'000'000, 'x');
    const auto finished = shell("/usr/bin/wc -c", input);
    ASSERT_TRUE(finished);
    EXPECT_EQ(std::stoi(finished->output), 3'000'000);
}

TEST(HelmProcess, InputThatNobodyReadsIsNoError) {
    std::signal(SIGPIPE, SIG_IGN);  // as StopSignals does in main
    const auto finished = shell("exit 0", std::string(1'000'000, 'x'));
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->exit_code, 0);
}

TEST(HelmProcess, TooMuchOutputIsCutAndDoesNotBlock) {
    const auto finished = shell("/usr/bin/head -c 5000000 /dev/zero; echo end >&2");
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->output.size(), HelmProcess::kMaxOutputBytes);
    EXPECT_EQ(finished->errors, "end\n");
}

TEST(HelmProcess, TakesTooLongIsKilledWithItsChildren) {
    const auto finished = shell("/bin/sleep 600 & /bin/sleep 600", "", 300ms);
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().kind, ErrorKind::Timeout);
}

TEST(HelmProcess, ASignalIsAnExitCode) {
    EXPECT_EQ(shell("kill -9 $$")->exit_code, 137);
}

TEST(HelmProcess, AMissingProgramIsUnavailable) {
    HelmProcess process("/nowhere/helm", 1s);
    const auto finished = process.run({}, {}, "");
    ASSERT_FALSE(finished);
    EXPECT_TRUE(finished.error().what.contains("/nowhere/helm"));
}

TEST(HelmProcess, AnInterruptGivesGraceThenEndsItAndRefusesTheNext) {
    HelmProcess process("/bin/sh", 600s);
    auto running =
        std::async(std::launch::async, [&] { return process.run({"-c", "/bin/sleep 600"}, {}, ""); });
    process.interrupt(200ms);
    ASSERT_EQ(running.wait_for(20s), std::future_status::ready);
    EXPECT_FALSE(running.get());
    EXPECT_EQ(process.run({"-c", "exit 0"}, {}, "").error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace platform::provision
