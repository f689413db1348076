#include "operator/provision/kafka_accounts.hpp"

#include "operator/provision/kafka_login.hpp"
#include "shared/kafka/admin.hpp"

#include <exception>
#include <set>

namespace platform::provision {
namespace {

using kafka::Grant;
using reconcile::KafkaLogin;
using reconcile::KafkaUserAccess;
using reconcile::KafkaUserSeen;
using reconcile::KafkaUserWanted;

std::set<Grant> grants_of(const KafkaUserWanted& user) {
    std::set<Grant> grants;
    for (const std::string& topic : user.reads)
        grants.insert({.kind = Grant::Kind::Topic, .name = topic, .operation = Grant::Operation::Read});
    for (const std::string& topic : user.writes)
        grants.insert({.kind = Grant::Kind::Topic, .name = topic, .operation = Grant::Operation::Write});
    for (const std::string& group : user.groups)
        grants.insert({.kind = Grant::Kind::Group, .name = group, .operation = Grant::Operation::Read});
    return grants;
}

}  // namespace

Result<kafka::Access*> KafkaAccounts::access(const KafkaLogin& admin) try {
    if (!access_ || login_ != admin) {
        const auto properties = properties_of(admin, trust_);
        if (!properties) return fail(properties.error());
        access_ = std::make_unique<kafka::Access>(admin.bootstrap_servers, *properties, timeout_);
        login_ = admin;
        tried_.clear();
    }
    return access_.get();
} catch (const std::exception& e) {
    return fail(ErrorKind::Invalid, std::string("unusable way to Kafka: ") + e.what());
}

/// True when the password is the user's.
Result<bool> KafkaAccounts::opens(const KafkaLogin& admin, const KafkaUserAccess& user) try {
    const std::string& name = user.wanted.name;
    if (const auto known = tried_.find(name); known != tried_.end() && known->second == user.password) return true;
    const auto properties = properties_of(
        {.bootstrap_servers = admin.bootstrap_servers, .ca = admin.ca, .user = name, .password = user.password}, trust_
    );
    if (!properties) return fail(properties.error());
    kafka::Admin own(admin.bootstrap_servers, *properties, timeout_);
    const auto looked = own.describe({user.wanted.reads.front()}, {});
    if (!looked && looked.error().kind == ErrorKind::Denied) return false;
    if (!looked) return fail(looked.error());
    tried_[name] = user.password;
    return true;
} catch (const std::exception& e) {
    return fail(ErrorKind::Invalid, std::string("unusable way to Kafka: ") + e.what());
}

Result<std::vector<KafkaUserSeen>>
KafkaAccounts::observe(const KafkaLogin& admin, const std::vector<KafkaUserAccess>& users) {
    const auto connected = access(admin);
    if (!connected) return fail(connected.error());
    std::vector<KafkaUserSeen> seen;
    for (const KafkaUserAccess& user : users) {
        auto good = (*connected)->as_wanted(user.wanted.name, grants_of(user.wanted));
        if (good && *good) good = user.password.empty() ? Result<bool>(false) : opens(admin, user);
        if (!good) return fail(good.error());
        seen.push_back({.name = user.wanted.name, .complete = *good});
    }
    return seen;
}

Result<void> KafkaAccounts::provision(const KafkaLogin& admin, const KafkaUserAccess& user) {
    const auto connected = access(admin);
    if (!connected) return fail(connected.error());
    return (*connected)->provision(user.wanted.name, user.password, grants_of(user.wanted));
}

Result<void> KafkaAccounts::drop(const KafkaLogin& admin, const KafkaUserWanted& user) {
    const auto connected = access(admin);
    if (!connected) return fail(connected.error());
    tried_.erase(user.name);
    return (*connected)->remove(user.name);
}

}  // namespace platform::provision
