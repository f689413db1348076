#include "services/notification/domain/preference.hpp"

#include "services/notification/domain/message.hpp"

#include <algorithm>

namespace platform::notification {

bool is_plain_address(std::string_view text) {
    constexpr std::size_t kLongest = 254;  // RFC 5321
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    constexpr std::string_view kFurtherLocal = "_+";
    const auto at = text.find('@');
    if (at == std::string_view::npos || at == 0 || at + 1 == text.size() || text.size() > kLongest) return false;
    const auto local = text.substr(0, at);
    const bool plain = std::ranges::all_of(local, [&](char c) { return kLetters.contains(c) || kFurtherLocal.contains(c); });
    return plain && text.find_first_not_of(kLetters, at + 1) == std::string_view::npos;
}

std::optional<PreferenceFault> fault_of(const Preference& preference) {
    if (!preference.email.empty() && !is_plain_address(preference.email)) {
        return PreferenceFault{.member = "email", .message = "has to be an e-mail address"};
    }
    for (auto channel = preference.channels.begin(); channel != preference.channels.end(); ++channel) {
        if (*channel != kEmail && *channel != kLog) return PreferenceFault{.member = "channels", .message = "may hold email and log"};
        if (std::find(preference.channels.begin(), channel, *channel) != channel) {
            return PreferenceFault{.member = "channels", .message = "names a channel twice"};
        }
    }
    return std::nullopt;
}

}  // namespace platform::notification
