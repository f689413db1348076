#pragma once
#include "operator/control/workloads.hpp"
#include "operator/kube/client.hpp"
#include "operator/reconcile/ports.hpp"

#include <string>

namespace platform::provision {

/// Secrets of one namespace, one at a time. Those it makes are immutable and say that they are the
/// operator's. One thread.
class KubeSecrets final : public reconcile::Secrets {
public:
    KubeSecrets(std::string name_space, kube::Client& client)
        : name_space_(std::move(name_space)), client_(client) {}

    [[nodiscard]] Result<std::optional<reconcile::SecretContent>> read(const std::string& name) override;
    [[nodiscard]] Result<void>
    create(const std::string& name, const std::map<std::string, std::string>& entries) override;
    [[nodiscard]] Result<void> remove(const std::string& name) override;
    [[nodiscard]] std::string make_password() override;

private:
    [[nodiscard]] std::string path(const std::string& name) const;
    const std::string name_space_;
    kube::Client& client_;
};

class KubeClaims final : public reconcile::Claims {
public:
    KubeClaims(std::string name_space, kube::Client& client)
        : name_space_(std::move(name_space)), client_(client) {}
    [[nodiscard]] Result<void> remove(const std::string& name) override;

private:
    const std::string name_space_;
    kube::Client& client_;
};

/// Deployments and StatefulSets as the reflectors keep them.
class ReflectedWorkloads final : public reconcile::WorkloadView {
public:
    ReflectedWorkloads(const control::Workloads& deployments, const control::Workloads& stateful_sets)
        : deployments_(deployments), stateful_sets_(stateful_sets) {}
    [[nodiscard]] std::optional<control::WorkloadState> find(const std::string& kind, const std::string& name)
        const override;

private:
    const control::Workloads& deployments_;
    const control::Workloads& stateful_sets_;
};

}  // namespace platform::provision
