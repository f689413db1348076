#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace platform::provision {

/// One line of SHOW GRANTS.
struct Grant {
    std::set<std::string> privileges;  ///< "SELECT", "ALL PRIVILEGES", also "GRANT OPTION"
    std::string object{};              ///< "`orders\_db`.*" as the server writes it; empty = a role
};

/// "GRANT SELECT, INSERT ON `orders\_db`.* TO `order`@`%` WITH GRANT OPTION" in its parts. A line of another
/// form is a role. Thread-safe.
[[nodiscard]] Grant parse_grant(std::string_view line);

/// What to say to the server to get from the grants that `lines` tell to exactly `wanted` on `object`; what
/// is missing is granted before anything is revoked, so that a service never loses a right in between. Empty
/// = nothing to do. `user` is written as 'name'@'%'.
[[nodiscard]] std::vector<std::string> grant_changes(
    const std::vector<std::string>& lines,
    const std::set<std::string>& wanted,
    const std::string& object,
    const std::string& user
);

/// A database's name as an object of GRANT, in which '_' and '%' are wildcards unless escaped:
/// "`orders\_db`.*".
[[nodiscard]] std::string grant_object(std::string_view database);

}  // namespace platform::provision
