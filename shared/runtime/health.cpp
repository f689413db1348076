#include "shared/runtime/health.hpp"

#include "shared/core/json_writer.hpp"

#include <algorithm>
#include <utility>

namespace platform {
namespace {

constexpr int kOk = 200;
constexpr int kUnavailable = 503;

Health::Answer of_status(int http_status, std::string_view status) {
    json::Writer out;
    out.begin_object().field("status", status).end_object();
    return {.http_status = http_status, .body = out.take()};
}

void write_component(json::Writer& out, std::string_view name, std::string_view status) {
    out.key(name).begin_object().field("status", status).end_object();
}

void write_component(json::Writer& out, const Health::Component& component, Health::Show show) {
    out.begin_object();
    out.field("status", component.up ? "UP" : "DOWN");
    const bool has_details = !component.details.empty() || !component.written.empty();
    if (show == Health::Show::Details && has_details) {
        out.key("details").begin_object();
        for (const auto& [key, value] : component.details) out.field(key, value);
        for (const auto& [key, value] : component.written) out.key(key).raw(value);
        out.end_object();
    }
    out.end_object();
}

}  // namespace

void Health::add(std::string name, Check check) {
    const std::lock_guard lock(mutex_);
    checks_.emplace_back(std::move(name), std::move(check));
}

Health::Answer Health::overall(Show show) const {
    std::vector<std::pair<std::string, Check>> checks;
    {
        const std::lock_guard lock(mutex_);
        checks = checks_;  // no callback runs under the lock
    }
    bool up = true;
    json::Writer components;
    components.begin_object();
    for (const auto& [name, check] : checks) {
        const Component component = check();
        up = up && component.up;
        components.key(name);
        write_component(components, component, show);
    }
    const bool is_ready = ready();
    write_component(components, "livenessState", std::string_view("UP"));
    write_component(components, "readinessState", std::string_view(is_ready ? "UP" : "OUT_OF_SERVICE"));
    components.end_object();

    json::Writer out;
    out.begin_object();
    out.field("status", !up ? "DOWN" : is_ready ? "UP" : "OUT_OF_SERVICE");
    out.key("components").raw(components.text());
    out.key("groups").begin_array().string("liveness").string("readiness").end_array();
    out.end_object();
    return {.http_status = up && is_ready ? kOk : kUnavailable, .body = out.take()};
}

std::optional<Health::Answer> Health::component(std::string_view name, Show show) const {
    if (name == "livenessState") return liveness();
    if (name == "readinessState") return readiness();
    Check check;
    {
        const std::lock_guard lock(mutex_);
        const auto found = std::ranges::find(checks_, name, [](const auto& one) { return std::string_view(one.first); });
        if (found == checks_.end()) return std::nullopt;
        check = found->second;
    }
    const Component component = check();
    json::Writer out;
    write_component(out, component, show);
    return Answer{.http_status = component.up ? kOk : kUnavailable, .body = out.take()};
}

Health::Answer Health::liveness() const {
    return of_status(kOk, "UP");
}

Health::Answer Health::readiness() const {
    return ready() ? of_status(kOk, "UP") : of_status(kUnavailable, "OUT_OF_SERVICE");
}

}  // namespace platform
