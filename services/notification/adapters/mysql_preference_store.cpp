#include "services/notification/adapters/mysql_preference_store.hpp"

#include <ranges>
#include <string_view>
#include <utility>

namespace platform::notification {
namespace {

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ",") + name;
    return text;
}

std::vector<std::string> separated(std::string_view text) {
    std::vector<std::string> names;
    if (text.empty()) return names;
    for (const auto part : std::views::split(text, ',')) names.emplace_back(part.begin(), part.end());
    return names;
}

}  // namespace

Result<std::map<std::string, Preference>> MysqlPreferenceStore::find(std::span<const std::string> user_ids) {
    std::map<std::string, Preference> found;
    if (user_ids.empty()) return found;
    auto session = pool_.acquire();
    if (!session) return fail(std::move(session).error());
    mysql::Sql sql{"SELECT user_id, email, channels, opt_out FROM preferences WHERE user_id IN ("};
    for (std::size_t i = 0; i < user_ids.size(); ++i) sql.add(i == 0 ? "?" : ",?", user_ids[i]);
    sql.add(")");
    auto rows = (*session)->query(sql);
    if (!rows) return fail(std::move(rows).error());
    for (const auto& row : *rows) {
        found.emplace(
            row.text(0),
            Preference{.email = row.text(1), .channels = separated(row.text(2)), .opt_out = row.integer(3) != 0}
        );
    }
    return found;
}

Result<void> MysqlPreferenceStore::put(const std::string& user_id, const Preference& preference) {
    auto session = pool_.acquire();
    if (!session) return fail(std::move(session).error());
    const auto channels = joined(preference.channels);
    return (*session)
        ->execute(mysql::Sql{
            "INSERT INTO preferences (user_id, email, channels, opt_out) VALUES (?,?,?,?) "
            "ON DUPLICATE KEY UPDATE email = ?, channels = ?, opt_out = ?",
            user_id, preference.email, channels, preference.opt_out, preference.email, channels, preference.opt_out
        })
        .transform([](std::uint64_t) {});
}

}  // namespace platform::notification
