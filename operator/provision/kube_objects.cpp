#include "operator/provision/kube_objects.hpp"

#include "operator/api/fields.hpp"
#include "operator/provision/base64.hpp"
#include "shared/core/json_writer.hpp"

#include <random>

namespace platform::provision {

using api::at;
using api::text_at;

std::string KubeSecrets::path(const std::string& name) const {
    return "/api/v1/namespaces/" + name_space_ + "/secrets/" + name;
}

Result<std::optional<reconcile::SecretContent>> KubeSecrets::read(const std::string& name) {
    auto object = client_.get(path(name));
    if (!object && object.error().kind == ErrorKind::NotFound) return std::nullopt;
    if (!object) return fail(object.error());
    reconcile::SecretContent content{.version = text_at(*object, "metadata.resourceVersion")};
    if (const json::Value* data = at(*object, "data")) {
        for (const auto& [key, value] : data->members()) {
            auto decoded = decode_base64(value.text());
            if (!decoded)
                return fail(ErrorKind::Invalid, "Secret " + name + " has an entry that is not base64");
            content.entries[key] = std::move(*decoded);
        }
    }
    return content;
}

Result<void> KubeSecrets::create(const std::string& name, const std::map<std::string, std::string>& entries) {
    json::Writer body;
    body.begin_object()
        .field("apiVersion", "v1")
        .field("kind", "Secret")
        .field("type", "Opaque")
        .field("immutable", true);
    body.key("metadata").begin_object().field("name", name).key("labels").begin_object();
    body.field("app.kubernetes.io/managed-by", "order-platform-operator")
        .field("app.kubernetes.io/part-of", "orderplatform")
        .end_object()
        .end_object();
    body.key("data").begin_object();
    for (const auto& [key, value] : entries) body.field(key, encode_base64(value));
    body.end_object().end_object();
    auto created = client_.create("/api/v1/namespaces/" + name_space_ + "/secrets", body.text());
    if (!created && created.error().kind != ErrorKind::Conflict) return fail(created.error());
    return {};
}

Result<void> KubeSecrets::remove(const std::string& name) {
    return client_.remove(path(name));
}

std::string KubeSecrets::make_password() {
    constexpr std::string_view kLetters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    constexpr std::size_t kLength = 32;
    std::random_device source;  // the kernel's generator
    std::uniform_int_distribution<std::size_t> pick(0, kLetters.size() - 1);
    std::string password;
    for (std::size_t i = 0; i < kLength; ++i) password += kLetters[pick(source)];
    // Whatever rule the server has for passwords: one of each kind.
    return password + "-aZ7";
}

Result<void> KubeClaims::remove(const std::string& name) {
    return client_.remove("/api/v1/namespaces/" + name_space_ + "/persistentvolumeclaims/" + name);
}

std::optional<control::WorkloadState>
ReflectedWorkloads::find(const std::string& kind, const std::string& name) const {
    return kind == "StatefulSet" ? stateful_sets_.find(name) : deployments_.find(name);
}

}  // namespace platform::provision
