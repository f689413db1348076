#include "shared/http/routes.hpp"

#include "shared/core/check.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <pistache/http.h>
#include <pistache/router.h>

namespace platform::http {
namespace {

namespace pistache = Pistache;
using pistache::Rest::Route;

constexpr std::size_t kCanonicalBytes = 128 * 1024;  // a path within the framing's limits, percent-encoded again

constexpr std::array<std::pair<std::string_view, pistache::Http::Method>, 6> kMethods = {{
    {"GET", pistache::Http::Method::Get},
    {"POST", pistache::Http::Method::Post},
    {"PUT", pistache::Http::Method::Put},
    {"PATCH", pistache::Http::Method::Patch},
    {"DELETE", pistache::Http::Method::Delete},
    {"OPTIONS", pistache::Http::Method::Options},
}};

/// Pistache wants a handler behind each of its ResponseWriters. Nothing is ever written through this one.
class SilentHandler final : public pistache::Http::Handler {
public:
    HTTP_PROTOTYPE(SilentHandler)
    void onRequest(const pistache::Http::Request&, pistache::Http::ResponseWriter) override {}
};

}  // namespace

struct Routes::Impl {
    // Pistache's handlers only note what matched; where to note it is the business of the thread that asks.
    static thread_local std::optional<std::size_t>* found;

    // route() of Pistache is not const, but changes nothing once every method has its tree.
    mutable pistache::Rest::Router router;
    mutable SilentHandler silent;

    Impl();
    [[nodiscard]] std::optional<std::size_t> find(const std::string& method, const Target& target) const;
};
thread_local std::optional<std::size_t>* Routes::Impl::found = nullptr;

Routes::Impl::Impl() {
    // Its table of methods grows on first use, from whatever thread comes; so each method gets an entry now.
    for (const auto& [name, method] : kMethods) {
        router.addRoute(method, "/.well-known/no-such-route", [](const pistache::Rest::Request&, pistache::Http::ResponseWriter) {
            return Route::Result::Ok;
        });
    }
    // Stands before Pistache's own 404 and 405, which would be written by number of descriptor.
    router.addCustomHandler([](const pistache::Rest::Request&, pistache::Http::ResponseWriter) { return Route::Result::Ok; });
}

std::optional<std::size_t> Routes::Impl::find(const std::string& method, const Target& target) const {
    std::string canonical = method + " ";
    for (const std::string& segment : target.segments) canonical.append("/").append(encode_segment(segment));
    if (target.segments.empty()) canonical += '/';
    canonical += " HTTP/1.1\r\nContent-Length: 0\r\n\r\n";

    std::optional<std::size_t> route;
    thread_local pistache::Http::RequestParser parser(kCanonicalBytes);
    parser.reset();
    if (!parser.feed(canonical.data(), canonical.size()) || parser.parse() != pistache::Http::Private::State::Done) return route;
    pistache::Http::ResponseWriter nowhere(
        pistache::Http::Version::Http11, nullptr, &silent, std::weak_ptr<pistache::Tcp::Peer>()
    );
    found = &route;
    router.route(parser.request, std::move(nowhere));
    found = nullptr;
    return route;
}

Routes::Routes() : impl_(std::make_unique<Impl>()) {}
Routes::~Routes() = default;

std::size_t Routes::add(const std::string& method, const std::string& path) {
    const auto* known = std::ranges::find(kMethods, method, [](const auto& entry) { return entry.first; });
    CHECK(known != kMethods.end(), "a route is declared for a method that the server knows, HEAD excepted");
    const Result<Target> target = parse_target(path);
    CHECK(target.has_value(), "a route's path is a valid path");

    Pattern pattern{.method = method, .path = path, .label = {}, .segments = target->segments};
    std::string pistache_path;
    for (std::size_t i = 0; i < pattern.segments.size(); ++i) {
        const std::string& segment = pattern.segments[i];
        CHECK(!segment.empty(), "a route's path has no empty segment");
        if (segment == "*") {
            CHECK(i + 1 == pattern.segments.size(), "the rest of a path is its last segment");
            pattern.open_end = true;
            pattern.label += "/**";
        } else if (segment.starts_with(':')) {
            pattern.label += "/{" + segment.substr(1) + "}";
            pistache_path += "/" + segment;
        } else {
            pattern.label += "/" + segment;
            pistache_path += "/" + encode_segment(segment);
        }
    }
    if (pattern.label.empty()) pattern.label = "/";
    if (pistache_path.empty()) pistache_path = "/";
    const std::size_t number = patterns_.size();
    if (pattern.open_end) {
        pattern.segments.pop_back();
    } else {
        const auto note = [number](const pistache::Rest::Request&, pistache::Http::ResponseWriter) {
            *Impl::found = number;
            return Route::Result::Ok;
        };
        impl_->router.addRoute(known->second, pistache_path, note);
    }
    patterns_.push_back(std::move(pattern));
    return number;
}

bool Routes::matches(const Pattern& pattern, const std::vector<std::string>& segments) {
    const bool fits = pattern.open_end ? segments.size() >= pattern.segments.size() : segments.size() == pattern.segments.size();
    if (!fits) return false;
    for (std::size_t i = 0; i < pattern.segments.size(); ++i) {
        const std::string& wanted = pattern.segments[i];
        if (!wanted.starts_with(':') && wanted != segments[i]) return false;
    }
    return true;
}

std::optional<std::size_t> Routes::best_open_end(const std::string& method, const Target& target) const {
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
        const Pattern& pattern = patterns_[i];
        if (!pattern.open_end || pattern.method != method || !matches(pattern, target.segments)) continue;
        if (!best || pattern.segments.size() > patterns_[*best].segments.size()) best = i;
    }
    return best;
}

Routes::Match Routes::find(const std::string& method, const Target& target) const {
    const std::string& asked = method == "HEAD" ? "GET" : method;
    Match match;
    // Pistache takes "//a//b/" for "/a/b"; here a path is what it says.
    const bool plain = std::ranges::none_of(target.segments, &std::string::empty);
    if (plain) match.route = impl_->find(asked, target);
    if (!match.route) match.route = best_open_end(asked, target);
    if (match.route) {
        const std::vector<std::string>& wanted = patterns_[*match.route].segments;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            if (wanted[i].starts_with(':')) match.params[wanted[i].substr(1)] = target.segments[i];
        }
        return match;
    }
    for (const Pattern& pattern : patterns_) {
        const bool told = match.allow.contains(pattern.method);
        if (told || (!plain && !pattern.open_end) || !matches(pattern, target.segments)) continue;
        match.allow += (match.allow.empty() ? "" : ", ") + pattern.method + (pattern.method == "GET" ? ", HEAD" : "");
    }
    return match;
}

}  // namespace platform::http
