#include "services/gateway/domain/route.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <format>
#include <set>
#include <utility>

namespace platform::gateway {
namespace {

constexpr std::array<std::string_view, 5> kMethods{"GET", "POST", "PUT", "PATCH", "DELETE"};

bool plain(std::string_view segment) {
    return !segment.empty() && std::ranges::all_of(segment, [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
    });
}

Result<void> check_segments(std::string_view path) {
    const auto unusable = [&](const char* why) {
        return fail(ErrorKind::Invalid, std::format("'{}' {}", path, why));
    };
    if (!path.starts_with('/')) return unusable("does not begin with a slash");
    bool first = true;
    for (std::size_t at = 1; at <= path.size();) {
        const auto slash = std::min(path.find('/', at), path.size());
        const auto segment = path.substr(at, slash - at);
        const bool variable = segment.starts_with(':') && plain(segment.substr(1));
        if (first && !plain(segment)) return unusable("has to begin with a fixed segment");
        if (first && segment == "actuator") return unusable("would open the actuators of a service");
        if (segment == "." || segment == ".." || (!plain(segment) && !variable))
            return unusable("has an unusable segment");
        first = false;
        at = slash + 1;
    }
    return {};
}

}  // namespace

Result<std::vector<std::string>> server_paths(std::string_view pattern) {
    const bool open_end = pattern.ends_with('*');
    std::string_view path = open_end ? pattern.substr(0, pattern.size() - 1) : pattern;
    const bool only_below = open_end && path.ends_with('/');
    if (only_below) path.remove_suffix(1);
    if (auto usable = check_segments(path); !usable) return fail(usable.error());

    std::vector<std::string> paths;
    if (!only_below) paths.emplace_back(path);
    if (open_end) paths.push_back(std::format("{}/*", path));
    return paths;
}

Result<void> check_routes(std::span<const Route> routes) {
    std::set<std::pair<std::string, std::string>> claimed;
    for (const Route& route : routes) {
        const auto refuse = [&](const std::string& why) {
            return fail(ErrorKind::Invalid, std::format("route '{}': {}", route.id, why));
        };
        const auto paths = server_paths(route.pattern);
        if (!paths) return refuse(paths.error().what);
        if (route.methods.empty()) return refuse("has no method");
        for (const auto& method : route.methods) {
            if (!std::ranges::contains(kMethods, method))
                return refuse(std::format("'{}' is not a method", method));
            for (const auto& path : *paths) {
                if (!claimed.emplace(method, path).second) {
                    return refuse(std::format("{} {} belongs to another route", method, path));
                }
            }
        }
    }
    return {};
}

}  // namespace platform::gateway
