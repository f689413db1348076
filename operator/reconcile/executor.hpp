#pragma once
#include "operator/reconcile/ports.hpp"

#include <map>
#include <string>

namespace platform::reconcile {

/// Passwords of one round, by Secret. Not to be logged.
using Credentials = std::map<std::string, SecretContent>;

/// Takes steps: the only place from which a reconciliation changes anything. Lives for one round; one thread.
class Executor {
public:
    Executor(
        const Ports& ports,
        const api::OrderPlatform& platform,
        const Desired& desired,
        Credentials& credentials
    )
        : ports_(ports), platform_(platform), desired_(desired), credentials_(credentials) {}

    [[nodiscard]] Result<void> take(const Step& step);

    /// The login of MySQL's administrator. Error: Unavailable when its Secret or a key of it is missing.
    [[nodiscard]] Result<MysqlLogin> admin() const;
    /// The way to Kafka, with TLS as its administrator. Errors likewise.
    [[nodiscard]] Result<KafkaLogin> kafka() const;
    [[nodiscard]] KafkaUserAccess access(const KafkaUserWanted& user) const;
    [[nodiscard]] DatabaseAccess access(const DatabaseWanted& database) const;

private:
    Result<void> operator()(const AddFinalizer& step);
    Result<void> operator()(const RemoveFinalizer& step);
    Result<void> operator()(const CreateSecret& step);
    Result<void> operator()(const DeleteSecret& step);
    Result<void> operator()(const DeleteClaim& step);
    Result<void> operator()(const UnlockRelease& step);
    Result<void> operator()(const InstallRelease& step);
    Result<void> operator()(const UninstallRelease& step);
    Result<void> operator()(const CreateTopics& step);
    Result<void> operator()(const GrowTopic& step);
    Result<void> operator()(const ConfigureTopic& step);
    Result<void> operator()(const ProvisionDatabase& step);
    Result<void> operator()(const DeleteTopics& step);
    Result<void> operator()(const ProvisionKafkaUser& step);
    Result<void> operator()(const DropKafkaUser& step);
    Result<void> operator()(const DropDatabase& step);

    /// Whom the backends' certificates have to come from (PEM); empty without TLS.
    [[nodiscard]] Result<std::string> authorities() const;
    [[nodiscard]] std::string entry(const std::string& secret, const std::string& key) const;

    const Ports& ports_;
    const api::OrderPlatform& platform_;
    const Desired& desired_;
    Credentials& credentials_;
};

}  // namespace platform::reconcile
