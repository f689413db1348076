#pragma once
#include "services/notification/domain/preference.hpp"
#include "shared/mysql/pool.hpp"

namespace platform::notification {

/// Preferences in MySQL. Thread-safe.
class MysqlPreferenceStore final : public PreferenceStore {
public:
    explicit MysqlPreferenceStore(mysql::Pool& pool) : pool_(pool) {}
    [[nodiscard]] Result<std::map<std::string, Preference>> find(std::span<const std::string> user_ids) override;
    [[nodiscard]] Result<void> put(const std::string& user_id, const Preference& preference) override;

private:
    mysql::Pool& pool_;
};

}  // namespace platform::notification
