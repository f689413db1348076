#include "services/notification/adapters/preference_json.hpp"

#include "shared/core/json.hpp"
#include "shared/core/json_writer.hpp"

#include <optional>
#include <utility>

namespace platform::notification {
namespace {

using json::Value;

constexpr json::Limits kLimits{.max_depth = 4, .max_bytes = 16UL * 1024};

std::optional<std::string> read_member(const std::string& name, const Value& value, Preference& into) {
    if (name == "email") {
        if (!value.is(Value::Kind::String)) return "has to be a string";
        into.email = value.text();
    } else if (name == "optOut") {
        if (!value.is(Value::Kind::Boolean)) return "has to be true or false";
        into.opt_out = value.boolean();
    } else if (name == "channels") {
        if (!value.is(Value::Kind::Array)) return "has to be a list";
        for (const auto& item : value.items()) {
            if (!item.is(Value::Kind::String)) return "has to hold strings";
            into.channels.push_back(item.text());
        }
    } else {
        return "is not known here; there are email, channels and optOut";
    }
    return std::nullopt;
}

}  // namespace

std::expected<Preference, PreferenceFault> read_preference(std::string_view body) {
    const auto parsed = json::parse(body, kLimits);
    if (!parsed) return std::unexpected(PreferenceFault{.member = "", .message = parsed.error().message});
    if (!parsed->is(Value::Kind::Object)) return std::unexpected(PreferenceFault{.member = "", .message = "has to be an object"});
    Preference preference;
    for (const auto& [name, value] : parsed->members()) {
        if (auto fault = read_member(name, value, preference)) {
            return std::unexpected(PreferenceFault{.member = name, .message = *std::move(fault)});
        }
    }
    if (auto fault = fault_of(preference)) return std::unexpected(*std::move(fault));
    return preference;
}

std::string to_json(const std::string& user_id, const Preference& preference) {
    json::Writer json;
    json.begin_object().field("userId", user_id).field("email", preference.email).key("channels").begin_array();
    for (const auto& channel : preference.channels) json.string(channel);
    return json.end_array().field("optOut", preference.opt_out).end_object().take();
}

}  // namespace platform::notification
