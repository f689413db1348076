#pragma once
#include "services/notification/domain/preference.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace platform::notification {

/// Reads {"email": "...", "channels": ["email", "log"], "optOut": false}, each member optional, no others. Never throws.
[[nodiscard]] std::expected<Preference, PreferenceFault> read_preference(std::string_view body);

[[nodiscard]] std::string to_json(const std::string& user_id, const Preference& preference);

}  // namespace platform::notification
