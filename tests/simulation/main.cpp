#include "shared/telemetry/log.hpp"
#include "tests/simulation/simulation.hpp"

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <map>
#include <print>
#include <string>
#include <string_view>

namespace {

using platform::simulation::Options;
using platform::simulation::Report;

/// --name NUMBER ...; throws when one is neither.
std::map<std::string, std::uint64_t> read(int count, char** words) {
    std::map<std::string, std::uint64_t> numbers{{"--seed", 1}, {"--seeds", 1}, {"--orders", 2000}, {"--seconds", 0}, {"--at-least", 0}};
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string_view text(words[i + 1]);
        const auto number = numbers.find(words[i]);
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (number == numbers.end() || error != std::errc{} || end != text.data() + text.size()) return {};
        number->second = value;
    }
    return count % 2 == 1 ? numbers : std::map<std::string, std::uint64_t>{};
}

}  // namespace

/// Runs seeds one after another until one fails, all are done, or the time is over: the processor's, of which a core that is shared has less. Fewer orders than `--at-least` in all are a failure.
int main(int count, char** words) {
    const auto numbers = read(count, words);
    if (numbers.empty()) {
        std::println("usage: simulation [--seed N] [--seeds N] [--orders N] [--seconds N] [--at-least N]");
        return 2;
    }
    platform::log::configure("simulation", platform::log::Level::Error);
    const auto passed = [] { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };
    Report sum;
    std::uint64_t done = 0;
    for (; done < numbers.at("--seeds"); ++done) {
        if (numbers.at("--seconds") > 0 && passed() > static_cast<double>(numbers.at("--seconds"))) break;
        const Options options{.seed = numbers.at("--seed") + done, .orders = numbers.at("--orders")};
        const Report report = simulate(options);
        if (report.violation) {
            std::println("seed {}: {}", options.seed, *report.violation);
            std::println("again: simulation --seed {} --orders {}", options.seed, options.orders);
            return 1;
        }
        sum.orders += report.orders;
        sum.records += report.records;
        sum.crashes += report.crashes;
        sum.simulated_seconds += report.simulated_seconds;
        if (numbers.at("--seeds") == 1) std::println("trace {:016x}", report.trace);
        if ((done + 1) % 10 == 0) {
            std::println("{:7.1f} s  {} seeds, {} orders", passed(), done + 1, sum.orders);
            std::fflush(stdout);
        }
    }
    std::println(
        "{} seeds from {}: {} orders, {} records, {} ends of processes, {:.1f} simulated hours, {:.1f} s: {:.0f} orders/s",
        done, numbers.at("--seed"), sum.orders, sum.records, sum.crashes, sum.simulated_seconds / 3600, passed(),
        static_cast<double>(sum.orders) / passed()
    );
    if (sum.orders < numbers.at("--at-least")) {
        std::println("too slow: {} orders were wanted", numbers.at("--at-least"));
        return 1;
    }
    return 0;
}
