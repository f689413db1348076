#include "shared/http/actuator_bodies.hpp"

#include "shared/core/json.hpp"
#include "shared/http/characters.hpp"

#include <algorithm>
#include <string>

namespace platform::http {

using State = resilience::CircuitBreaker::State;

std::optional<log::Level> read_level(std::string_view body, log::Level usual) {
    const auto document = json::parse(body);
    if (!document || !document->is(json::Value::Kind::Object) || document->members().size() > 1) return std::nullopt;
    if (document->members().empty()) return usual;
    const auto* level = document->find("configuredLevel");
    if (level == nullptr) return std::nullopt;
    if (level->is(json::Value::Kind::Null)) return usual;
    if (!level->is(json::Value::Kind::String)) return std::nullopt;
    std::string name = level->text();
    std::ranges::transform(name, name.begin(), lower_case);
    log::Level wanted = usual;
    return log::parse_level(name, wanted) ? std::optional(wanted) : std::nullopt;
}

std::optional<State> read_breaker_state(std::string_view body) {
    const auto document = json::parse(body);
    if (!document || document->members().size() != 1) return std::nullopt;
    const auto* update = document->find("updateState");
    if (update == nullptr || !update->is(json::Value::Kind::String)) return std::nullopt;
    if (update->text() == "CLOSE") return State::Closed;
    if (update->text() == "FORCE_OPEN") return State::ForcedOpen;
    if (update->text() == "DISABLE") return State::Disabled;
    return std::nullopt;
}

}  // namespace platform::http
