#include "tests/fuzz/mutator.hpp"
#include "tests/fuzz/target.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

// The short run of a fuzz target inside `make test`: all inputs of its corpus, then FUZZ_RUNS inputs made from them. Whatever ends the program
// (an abort, a signal, a sanitizer, a hang) leaves the input in a file and names the seed; GTEST_RANDOM_SEED=n is another seed.

/// A sanitizer's own way to say that it ends the process; absent without one.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace platform::fuzz {
namespace {

constexpr std::uint64_t kUsualSeed = 1;
constexpr unsigned kHangSeconds = 10;

std::string running;  // the input at work
std::string story;    // where it is written to, and what is said of it
std::string file;

/// Only what a signal handler may do.
void leave_the_input() {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    [[maybe_unused]] auto written = ::write(descriptor, running.data(), running.size());
    written = ::write(STDERR_FILENO, story.data(), story.size());
    ::close(descriptor);
}

void on_signal(int signal) {
    leave_the_input();
    ::signal(signal, SIG_DFL);
    ::raise(signal);
}

void watch() {
    for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM}) {
        ::signal(signal, on_signal);
    }
    if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(leave_the_input);
}

void run(const std::string& input, const std::string& what) {
    running = input;
    story = std::format("{}: the target failed on {}; the input is in {}\n", FUZZ_NAME, what, file);
    ::alarm(kHangSeconds);
    try {
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    } catch (const std::exception& error) {
        story = std::format("an exception came out: {}\n{}", error.what(), story);
        std::abort();
    }
    ::alarm(0);
}

std::string content_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

struct Named {
    std::string name;
    std::string text;
};

std::vector<Named> corpus() {
    std::vector<Named> inputs;
    for (const auto& entry : std::filesystem::directory_iterator(FUZZ_CORPUS)) {
        inputs.push_back({.name = entry.path().filename(), .text = content_of(entry.path())});
    }
    std::ranges::sort(inputs, {}, &Named::name);
    return inputs;
}

class Fuzz : public testing::Test {
protected:
    static void SetUpTestSuite() {
        file = std::filesystem::absolute(std::string(FUZZ_NAME) + ".failed");
        watch();
    }
};

TEST_F(Fuzz, EveryInputOfTheCorpusPasses) {
    const auto inputs = corpus();
    ASSERT_GE(inputs.size(), 4U) << FUZZ_CORPUS;
    run("", "the empty input");
    for (const auto& [name, text] : inputs) run(text, "corpus/" FUZZ_NAME "/" + name);
}

TEST_F(Fuzz, MutatedInputsPass) {
    std::vector<std::string> texts;
    for (auto& input : corpus()) texts.push_back(std::move(input.text));
    const auto words = read_words(content_of(FUZZ_WORDS));
    ASSERT_FALSE(words.empty()) << FUZZ_WORDS;
    const auto asked = GTEST_FLAG_GET(random_seed);
    const std::uint64_t seed = asked > 0 ? static_cast<std::uint64_t>(asked) : kUsualSeed;
    RecordProperty("seed", std::to_string(seed));
    Mutator mutator(std::move(texts), words, seed);
    for (int i = 0; i < FUZZ_RUNS; ++i) run(mutator.next(), std::format("input {} of seed {}", i, seed));
}

}  // namespace
}  // namespace platform::fuzz
