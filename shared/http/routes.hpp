#pragma once
#include "shared/http/target.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace platform::http {

/// Finds the route of a request: Pistache's router for literal and named segments, own matching for a "*" at the end and for the list of
/// methods that a path knows. Declared by one thread, then thread-safe.
class Routes {
public:
    Routes();
    ~Routes();
    Routes(const Routes&) = delete;
    Routes& operator=(const Routes&) = delete;

    /// Gives the number of the route, counted from 0. A bad pattern or one declared twice is a bug.
    std::size_t add(const std::string& method, const std::string& path);
    [[nodiscard]] const std::string& path(std::size_t route) const { return patterns_[route].path; }
    /// The path as metrics name it: "/api/orders/{id}", "/api/**".
    [[nodiscard]] const std::string& label(std::size_t route) const { return patterns_[route].label; }

    struct Match {
        std::optional<std::size_t> route;
        std::map<std::string, std::string> params;
        std::string allow;  ///< without a route: the methods that the path knows, "GET, HEAD"; empty for an unknown path
    };
    [[nodiscard]] Match find(const std::string& method, const Target& target) const;

private:
    struct Pattern {
        std::string method;
        std::string path;
        std::string label;
        std::vector<std::string> segments;
        bool open_end = false;
    };
    static bool matches(const Pattern& pattern, const std::vector<std::string>& segments);
    [[nodiscard]] std::optional<std::size_t> best_open_end(const std::string& method, const Target& target) const;

    std::vector<Pattern> patterns_;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::http
