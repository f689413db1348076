#pragma once
#include "operator/kube/client.hpp"
#include "operator/provision/helm_process.hpp"
#include "operator/reconcile/ports.hpp"

#include <map>
#include <string>

namespace platform::provision {

/// Helm releases: their state is read from their own Secrets, by name; helm is run only to change one. It
/// logs in as a service account of its own, with a token of ten minutes that never stands on a command line.
/// One thread.
class HelmReleases final : public reconcile::Releases {
public:
    struct Options {
        std::string name_space;
        std::string charts;           ///< directory
        std::string service_account;  ///< whose token helm gets; empty = none (tests)
        std::string api_url;
        std::string ca_file;
        std::string home = "/tmp";  ///< writable; helm keeps its cache there
    };
    static constexpr Duration kTokenLife = std::chrono::minutes(10);
    static constexpr std::string_view kDigestLabel = "orderplatform.io/digest";

    HelmReleases(Options options, kube::Client& client, HelmProcess& helm, const Clock& clock);

    [[nodiscard]] Result<reconcile::ReleaseSeen>
    inspect(const std::string& name, std::int64_t known, bool certain) override;
    [[nodiscard]] Result<void> install(const reconcile::ReleaseWanted& release) override;
    [[nodiscard]] Result<void> uninstall(const std::string& name) override;
    [[nodiscard]] Result<void> unlock(const std::string& name, std::int64_t revision) override;

private:
    /// Nothing when there is no such revision.
    Result<std::optional<reconcile::ReleaseSeen>> read_record(const std::string& name, std::int64_t revision);
    Result<reconcile::ReleaseSeen> ask_helm(const std::string& name);
    Result<HelmProcess::Finished> helm(const std::vector<std::string>& arguments, const std::string& input);
    Result<std::string> token();
    [[nodiscard]] std::string record_path(const std::string& name, std::int64_t revision) const;

    const Options options_;
    kube::Client& client_;
    HelmProcess& helm_;
    const Clock& clock_;
    std::string token_;
    Instant token_at_{};
    std::map<std::string, std::int64_t> latest_;  ///< revisions seen by this process
    std::map<std::string, bool> known_absent_;    ///< helm itself said so, and we have not installed it since
};

}  // namespace platform::provision
