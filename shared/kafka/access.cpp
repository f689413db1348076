#include "shared/kafka/access.hpp"

#include "shared/core/check.hpp"
#include "shared/kafka/admin_client.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <cstddef>
#include <format>
#include <span>
#include <utility>
#include <vector>

namespace platform::kafka {
namespace {

constexpr std::int32_t kIterations = 8192;  // what a password costs whoever guesses it, and whoever logs in once

struct FreeBinding {
    void operator()(rd_kafka_AclBinding_t* binding) const { rd_kafka_AclBinding_destroy(binding); }
};
struct FreeAlteration {
    void operator()(rd_kafka_UserScramCredentialAlteration_t* alteration) const {
        rd_kafka_UserScramCredentialAlteration_destroy(alteration);
    }
};
using Binding = std::unique_ptr<rd_kafka_AclBinding_t, FreeBinding>;
using Alteration = std::unique_ptr<rd_kafka_UserScramCredentialAlteration_t, FreeAlteration>;

/// A binding of one principal as a value, so that bindings can be compared: ours are of the form of `rule()`.
struct Rule {
    rd_kafka_ResourceType_t type;
    std::string name;
    rd_kafka_ResourcePatternType_t pattern;
    std::string host;
    rd_kafka_AclOperation_t operation;
    rd_kafka_AclPermissionType_t permission;
    friend auto operator<=>(const Rule&, const Rule&) = default;
};

Rule rule(const Grant& grant) {
    return {
        .type = grant.kind == Grant::Kind::Topic ? RD_KAFKA_RESOURCE_TOPIC : RD_KAFKA_RESOURCE_GROUP,
        .name = grant.name,
        .pattern = RD_KAFKA_RESOURCE_PATTERN_LITERAL,
        .host = "*",
        .operation = grant.operation == Grant::Operation::Read ? RD_KAFKA_ACL_OPERATION_READ : RD_KAFKA_ACL_OPERATION_WRITE,
        .permission = RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW,
    };
}

Rule rule(const rd_kafka_AclBinding_t* acl) {
    return {
        .type = rd_kafka_AclBinding_restype(acl),
        .name = rd_kafka_AclBinding_name(acl),
        .pattern = rd_kafka_AclBinding_resource_pattern_type(acl),
        .host = rd_kafka_AclBinding_host(acl),
        .operation = rd_kafka_AclBinding_operation(acl),
        .permission = rd_kafka_AclBinding_permission_type(acl),
    };
}

std::set<Rule> rules(const std::set<Grant>& grants) {
    std::set<Rule> all;
    for (const Grant& grant : grants) all.insert(rule(grant));
    return all;
}

template <class Value>
std::set<Value> without(std::set<Value> all, const std::set<Value>& others) {
    for (const Value& other : others) all.erase(other);
    return all;
}

std::string principal(const std::string& user) {
    return "User:" + user;
}

/// rd_kafka_AclBinding_new for a rule to be made, rd_kafka_AclBindingFilter_new to look for exactly this one.
using NewBinding = decltype(&rd_kafka_AclBinding_new);

/// Null when librdkafka does not take the values.
Binding to_binding(NewBinding make, const std::string& user, const Rule& one) {
    std::array<char, native::kErrorText> text{};
    return Binding{make(
        one.type,
        one.name.c_str(),
        one.pattern,
        principal(user).c_str(),
        one.host.c_str(),
        one.operation,
        one.permission,
        text.data(),
        text.size()
    )};
}

/// One for each rule. Error: Invalid when librdkafka does not take one of them.
Result<std::vector<Binding>>
to_bindings(NewBinding make, const std::string& user, const std::set<Rule>& rules, const std::string& doing) {
    std::vector<Binding> made;
    for (const Rule& one : rules) {
        made.push_back(to_binding(make, user, one));
        if (!made.back()) return fail(ErrorKind::Invalid, std::format("{}: on '{}'", doing, one.name));
    }
    return made;
}

Result<void> judged(const rd_kafka_error_t* error, const std::string& doing) {
    if (error == nullptr || rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    return fail(native::to_error(rd_kafka_error_code(error), doing, rd_kafka_error_string(error)));
}

}  // namespace

struct Access::Impl {
    Impl(const std::string& servers, const std::map<std::string, std::string>& extra, Duration timeout)
        : client(servers, extra, timeout) {}

    [[nodiscard]] Result<bool> exists(const std::string& user) const;
    [[nodiscard]] Result<void> alter(Alteration alteration, const std::string& doing) const;
    [[nodiscard]] Result<std::set<Rule>> rules_of(const std::string& user) const;
    [[nodiscard]] Result<void> allow(const std::string& user, const std::set<Rule>& wanted) const;
    [[nodiscard]] Result<void> forbid(const std::string& user, const std::set<Rule>& surplus) const;

    const native::AdminClient client;
};

Result<bool> Access::Impl::exists(const std::string& user) const {
    const std::string doing = "look at user " + user;
    const auto event = client.call(
        RD_KAFKA_ADMIN_OP_DESCRIBEUSERSCRAMCREDENTIALS,
        doing,
        [&](auto* handle, auto* options, auto* queue) {
            const char* name = user.c_str();
            rd_kafka_DescribeUserScramCredentials(handle, &name, 1, options, queue);
        }
    );
    if (!event) return fail(event.error());
    std::size_t count = 0;
    const auto** found = rd_kafka_DescribeUserScramCredentials_result_descriptions(
        rd_kafka_event_DescribeUserScramCredentials_result(event->get()), &count
    );
    if (count != 1) return fail(ErrorKind::Unavailable, doing + ": no answer about it");
    const rd_kafka_error_t* error = rd_kafka_UserScramCredentialsDescription_error(*found);
    if (error != nullptr && rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_RESOURCE_NOT_FOUND) return false;
    if (auto good = judged(error, doing); !good) return fail(good.error());
    const std::size_t credentials = rd_kafka_UserScramCredentialsDescription_scramcredentialinfo_count(*found);
    for (std::size_t i = 0; i < credentials; ++i) {
        const auto* info = rd_kafka_UserScramCredentialsDescription_scramcredentialinfo(*found, i);
        if (rd_kafka_ScramCredentialInfo_mechanism(info) == RD_KAFKA_SCRAM_MECHANISM_SHA_512) return true;
    }
    return false;
}

Result<void> Access::Impl::alter(Alteration alteration, const std::string& doing) const {
    if (!alteration) return fail(ErrorKind::Invalid, doing + ": the client library does not take it");
    const auto event = client.call(
        RD_KAFKA_ADMIN_OP_ALTERUSERSCRAMCREDENTIALS,
        doing,
        [&](auto* handle, auto* options, auto* queue) {
            rd_kafka_UserScramCredentialAlteration_t* asked = alteration.get();
            rd_kafka_AlterUserScramCredentials(handle, &asked, 1, options, queue);
        }
    );
    if (!event) return fail(event.error());
    std::size_t count = 0;
    const auto** responses = rd_kafka_AlterUserScramCredentials_result_responses(
        rd_kafka_event_AlterUserScramCredentials_result(event->get()), &count
    );
    for (const auto* response : std::span{responses, count}) {
        const auto* error = rd_kafka_AlterUserScramCredentials_result_response_error(response);
        if (error != nullptr && rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR_RESOURCE_NOT_FOUND) continue;
        if (auto good = judged(error, doing); !good) return good;
    }
    return {};
}

Result<std::set<Rule>> Access::Impl::rules_of(const std::string& user) const {
    const std::string doing = "look at the rights of " + user;
    std::array<char, native::kErrorText> text{};
    const Binding all{rd_kafka_AclBindingFilter_new(
        RD_KAFKA_RESOURCE_ANY,
        nullptr,
        RD_KAFKA_RESOURCE_PATTERN_ANY,
        principal(user).c_str(),
        nullptr,
        RD_KAFKA_ACL_OPERATION_ANY,
        RD_KAFKA_ACL_PERMISSION_TYPE_ANY,
        text.data(),
        text.size()
    )};
    CHECK(all != nullptr, "a filter of constants is well-formed");
    const auto event =
        client.call(RD_KAFKA_ADMIN_OP_DESCRIBEACLS, doing, [&](auto* handle, auto* options, auto* queue) {
            rd_kafka_DescribeAcls(handle, all.get(), options, queue);
        });
    if (!event) return fail(event.error());
    std::size_t count = 0;
    const auto** found = rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(event->get()), &count);
    std::set<Rule> seen;
    for (const auto* acl : std::span{found, count}) seen.insert(rule(acl));
    return seen;
}

Result<void> Access::Impl::allow(const std::string& user, const std::set<Rule>& wanted) const {
    if (wanted.empty()) return {};
    const std::string doing = "give rights to " + user;
    const auto bindings = to_bindings(rd_kafka_AclBinding_new, user, wanted, doing);
    if (!bindings) return fail(bindings.error());
    const auto event =
        client.call(RD_KAFKA_ADMIN_OP_CREATEACLS, doing, [&](auto* handle, auto* options, auto* queue) {
            rd_kafka_CreateAcls(handle, native::borrowed(*bindings).data(), bindings->size(), options, queue);
        });
    if (!event) return fail(event.error());
    std::size_t count = 0;
    const auto** results = rd_kafka_CreateAcls_result_acls(rd_kafka_event_CreateAcls_result(event->get()), &count);
    for (const auto* result : std::span{results, count}) {
        if (auto good = judged(rd_kafka_acl_result_error(result), doing); !good) return good;
    }
    return {};
}

Result<void> Access::Impl::forbid(const std::string& user, const std::set<Rule>& surplus) const {
    if (surplus.empty()) return {};
    const std::string doing = "take rights from " + user;
    const auto filters = to_bindings(rd_kafka_AclBindingFilter_new, user, surplus, doing);
    if (!filters) return fail(filters.error());
    const auto event =
        client.call(RD_KAFKA_ADMIN_OP_DELETEACLS, doing, [&](auto* handle, auto* options, auto* queue) {
            rd_kafka_DeleteAcls(handle, native::borrowed(*filters).data(), filters->size(), options, queue);
        });
    if (!event) return fail(event.error());
    std::size_t count = 0;
    const auto** responses =
        rd_kafka_DeleteAcls_result_responses(rd_kafka_event_DeleteAcls_result(event->get()), &count);
    for (const auto* response : std::span{responses, count}) {
        if (auto good = judged(rd_kafka_DeleteAcls_result_response_error(response), doing); !good) return good;
    }
    return {};
}

Access::Access(
    const std::string& bootstrap_servers,
    const std::map<std::string, std::string>& extra,
    Duration timeout
)
    : impl_(std::make_unique<Impl>(bootstrap_servers, extra, timeout)) {}

Access::~Access() = default;

Result<bool> Access::as_wanted(const std::string& user, const std::set<Grant>& grants) {
    const auto seen = impl_->rules_of(user);
    if (!seen) return fail(seen.error());
    if (*seen != rules(grants)) return false;
    return impl_->exists(user);
}

Result<void>
Access::provision(const std::string& user, const std::string& password, const std::set<Grant>& grants) {
    if (password.empty()) return fail(ErrorKind::Invalid, "user " + user + " has no password");
    const auto seen = impl_->rules_of(user);
    if (!seen) return fail(seen.error());
    // The library makes the salt.
    Alteration upsertion{rd_kafka_UserScramCredentialUpsertion_new(
        user.c_str(),
        RD_KAFKA_SCRAM_MECHANISM_SHA_512,
        kIterations,
        reinterpret_cast<const unsigned char*>(password.data()),
        password.size(),
        nullptr,
        0
    )};
    if (auto made = impl_->alter(std::move(upsertion), "make user " + user); !made) return made;
    const std::set<Rule> wanted = rules(grants);
    if (auto taken = impl_->forbid(user, without(*seen, wanted)); !taken) return taken;
    return impl_->allow(user, without(wanted, *seen));
}

Result<void> Access::remove(const std::string& user) {
    const auto seen = impl_->rules_of(user);
    if (!seen) return fail(seen.error());
    if (auto taken = impl_->forbid(user, *seen); !taken) return taken;
    return impl_->alter(
        Alteration{rd_kafka_UserScramCredentialDeletion_new(user.c_str(), RD_KAFKA_SCRAM_MECHANISM_SHA_512)},
        "remove user " + user
    );
}

}  // namespace platform::kafka
