#pragma once
#include "operator/control/platform_index.hpp"
#include "operator/kube/client.hpp"
#include "operator/reconcile/ports.hpp"

#include <string>

namespace platform::provision {

/// The OrderPlatforms of one namespace on the API server. One thread.
class KubePlatforms final : public reconcile::Platforms {
public:
    KubePlatforms(
        std::string name_space,
        kube::Client& client,
        const control::PlatformIndex& index,
        const Clock& clock
    )
        : name_space_(std::move(name_space)), client_(client), index_(index), clock_(clock) {}

    [[nodiscard]] static std::string collection(const std::string& name_space);

    [[nodiscard]] Result<api::OrderPlatform> get(const std::string& name) override;
    [[nodiscard]] std::string older_than(const api::OrderPlatform& platform) const override;
    [[nodiscard]] Result<void> set_finalizer(const api::OrderPlatform& platform, bool present) override;
    [[nodiscard]] Result<std::string>
    set_status(const api::OrderPlatform& platform, const api::Status& status) override;
    [[nodiscard]] Result<bool> namespace_terminating() override;
    void tell(
        const api::OrderPlatform& platform,
        const std::string& reason,
        const std::string& note,
        bool warning
    ) override;

    /// Takes our finalizer off every OrderPlatform of the namespace and marks them as released now. Gives
    /// their count.
    [[nodiscard]] Result<int> release_all();

private:
    const std::string name_space_;
    kube::Client& client_;
    const control::PlatformIndex& index_;
    const Clock& clock_;
};

}  // namespace platform::provision
