#pragma once
#include "shared/core/result.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace platform::notification {

/// How one customer wants to be told.
struct Preference {
    std::string email;                  ///< empty = by the rules of Channel
    std::vector<std::string> channels;  ///< "email", "log"; empty = the usual one
    bool opt_out = false;               ///< tell nothing
    friend bool operator==(const Preference&, const Preference&) = default;
};

/// Port: what customers have chosen. Thread-safe.
class PreferenceStore {
public:
    PreferenceStore() = default;
    PreferenceStore(const PreferenceStore&) = delete;
    PreferenceStore& operator=(const PreferenceStore&) = delete;
    virtual ~PreferenceStore() = default;

    /// Those of these customers who have chosen something.
    [[nodiscard]] virtual Result<std::map<std::string, Preference>> find(std::span<const std::string> user_ids) = 0;
    [[nodiscard]] virtual Result<void> put(const std::string& user_id, const Preference& preference) = 0;
};

/// Whether a text is an e-mail address in its plain form, which can reach a mail server as it is: letters, digits and . _ + - before the
/// @, letters, digits, . and - after it; at most 254 characters.
[[nodiscard]] bool is_plain_address(std::string_view text);

/// What is wrong with a preference, for the client that sent it: the member's name and a message. Nothing when it can be kept.
struct PreferenceFault {
    std::string member;
    std::string message;
};
[[nodiscard]] std::optional<PreferenceFault> fault_of(const Preference& preference);

}  // namespace platform::notification
