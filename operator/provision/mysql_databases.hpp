#pragma once
#include "operator/provision/trust_file.hpp"
#include "operator/reconcile/ports.hpp"

namespace platform::provision {

/// Databases and their users on a MySQL server. Names come from our own table of services, never from a
/// resource; passwords are letters, digits and '-'. One thread.
class MysqlDatabases final : public reconcile::Databases {
public:
    [[nodiscard]] Result<std::vector<reconcile::DatabaseSeen>> observe(
        const reconcile::MysqlLogin& admin,
        const std::vector<reconcile::DatabaseAccess>& databases
    ) override;
    [[nodiscard]] Result<void>
    provision(const reconcile::MysqlLogin& admin, const reconcile::DatabaseAccess& database) override;
    [[nodiscard]] Result<void>
    drop(const reconcile::MysqlLogin& admin, const reconcile::DatabaseWanted& database) override;

private:
    TrustFile trust_;
};

}  // namespace platform::provision
