#include "operator/provision/grants.hpp"

#include <algorithm>
#include <iterator>

namespace platform::provision {
namespace {

std::string join(const std::set<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
    return out;
}

std::set<std::string> minus(const std::set<std::string>& left, const std::set<std::string>& right) {
    std::set<std::string> out;
    std::ranges::set_difference(left, right, std::inserter(out, out.end()));
    return out;
}

}  // namespace

Grant parse_grant(std::string_view line) {
    constexpr std::string_view kStart = "GRANT ";
    constexpr std::string_view kOption = " WITH GRANT OPTION";
    const std::size_t on = line.find(" ON ");
    const std::size_t to = on == std::string_view::npos ? on : line.find(" TO ", on);
    if (!line.starts_with(kStart) || to == std::string_view::npos) return {};
    Grant grant;
    grant.object = line.substr(on + 4, to - on - 4);
    std::string_view privileges = line.substr(kStart.size(), on - kStart.size());
    while (!privileges.empty()) {
        const std::size_t comma = privileges.find(", ");
        grant.privileges.emplace(privileges.substr(0, comma));
        privileges = comma == std::string_view::npos ? std::string_view{} : privileges.substr(comma + 2);
    }
    if (line.ends_with(kOption)) grant.privileges.emplace("GRANT OPTION");
    return grant;
}

std::vector<std::string> grant_changes(
    const std::vector<std::string>& lines,
    const std::set<std::string>& wanted,
    const std::string& object,
    const std::string& user
) {
    std::set<std::string> had;
    std::vector<std::string> revocations;
    for (const std::string& line : lines) {
        Grant grant = parse_grant(line);
        grant.privileges.erase("USAGE");
        if (grant.object == object) had.insert(grant.privileges.begin(), grant.privileges.end());
        const auto extra = grant.object == object ? minus(grant.privileges, wanted) : grant.privileges;
        if (!extra.empty() && !grant.object.empty()) {
            revocations.push_back("REVOKE " + join(extra) + " ON " + grant.object + " FROM " + user);
        }
    }
    std::vector<std::string> changes;
    // "ALL PRIVILEGES" contains what is wanted, but is revoked as a whole; granting first makes no difference
    // then, granting last does.
    const bool all = had.contains("ALL PRIVILEGES");
    const auto missing = minus(wanted, had);
    if (!missing.empty() && !all)
        changes.push_back("GRANT " + join(missing) + " ON " + object + " TO " + user);
    changes.insert(changes.end(), revocations.begin(), revocations.end());
    if (all) changes.push_back("GRANT " + join(wanted) + " ON " + object + " TO " + user);
    return changes;
}

std::string grant_object(std::string_view database) {
    std::string out = "`";
    for (const char c : database) {
        if (c == '_' || c == '%') out += '\\';
        out += c;
    }
    return out + "`.*";
}

}  // namespace platform::provision
