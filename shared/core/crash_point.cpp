#include "shared/core/crash_point.hpp"

#include "shared/core/check.hpp"

#include <charconv>
#include <csignal>
#include <cstdlib>

namespace platform {

std::optional<CrashPlan> CrashPlan::parse(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    const std::string_view number = text.substr(colon + 1);
    int pass = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), pass);
    if (error != std::errc{} || end != number.data() + number.size() || pass < 1) return std::nullopt;
    return CrashPlan(std::string(text.substr(0, colon)), pass);
}

void CrashPlan::pass(std::string_view name) {
    if (name != name_) return;
    if (passes_left_.fetch_sub(1) == 1) static_cast<void>(std::raise(SIGKILL));
}

void pass_crash_point(std::string_view name) {
    static std::optional<CrashPlan> plan = [] {
        const char* text = std::getenv("CRASH_AT");
        auto parsed = text == nullptr ? std::nullopt : CrashPlan::parse(text);
        CHECK(text == nullptr || parsed.has_value(), "CRASH_AT is <name>:<n>");
        return parsed;
    }();
    if (plan) plan->pass(name);
}

}  // namespace platform
