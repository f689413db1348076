#include "operator/provision/kube_platforms.hpp"

#include "operator/api/fields.hpp"
#include "shared/core/json_writer.hpp"
#include "shared/core/time_text.hpp"
#include "shared/core/uuid.hpp"
#include "shared/telemetry/log.hpp"

namespace platform::provision {
namespace {

void write_finalizers(json::Writer& out, const api::OrderPlatform& platform, bool present) {
    out.key("finalizers").begin_array();
    for (const std::string& finalizer : platform.finalizers) {
        if (finalizer != api::kFinalizer) out.string(finalizer);
    }
    if (present) out.string(api::kFinalizer);
    out.end_array();
}

}  // namespace

std::string KubePlatforms::collection(const std::string& name_space) {
    return "/apis/" + std::string(api::kApiVersion) + "/namespaces/" + name_space + "/orderplatforms";
}

Result<api::OrderPlatform> KubePlatforms::get(const std::string& name) {
    auto object = client_.get(collection(name_space_) + "/" + name);
    if (!object) return fail(object.error());
    return api::parse_order_platform(*object);
}

std::string KubePlatforms::older_than(const api::OrderPlatform& platform) const {
    return index_.older_than(platform.name, platform.created_at);
}

Result<void> KubePlatforms::set_finalizer(const api::OrderPlatform& platform, bool present) {
    // A merge patch replaces the whole list, so it counts only for the version that was read.
    json::Writer body;
    body.begin_object().key("metadata").begin_object().field("resourceVersion", platform.resource_version);
    write_finalizers(body, platform, present);
    if (present && !platform.released_at.empty()) {
        body.key("annotations").begin_object().key(api::kReleasedAt).null().end_object();
    }
    body.end_object().end_object();
    auto patched = client_.merge_patch(collection(name_space_) + "/" + platform.name, body.text());
    if (!patched && patched.error().kind == ErrorKind::NotFound && !present) return {};
    if (!patched) return fail(patched.error());
    return {};
}

Result<std::string> KubePlatforms::set_status(const api::OrderPlatform& platform, const api::Status& status) {
    json::Writer body;
    body.begin_object().key("status");
    api::write_status(body, status);
    body.end_object();
    auto patched =
        client_.merge_patch(collection(name_space_) + "/" + platform.name + "/status", body.text());
    if (!patched) return fail(patched.error());
    return api::text_at(*patched, "metadata.resourceVersion");
}

Result<bool> KubePlatforms::namespace_terminating() {
    auto object = client_.get("/api/v1/namespaces/" + name_space_);
    if (!object) return fail(object.error());
    return api::text_at(*object, "status.phase") == "Terminating";
}

void KubePlatforms::tell(
    const api::OrderPlatform& platform,
    const std::string& reason,
    const std::string& note,
    bool warning
) {
    constexpr std::size_t kLongestNote = 1000;
    const std::string now = to_rfc3339(clock_.wall());
    json::Writer body;
    body.begin_object().field("apiVersion", "events.k8s.io/v1").field("kind", "Event");
    // A name of our own, so that a request sent twice makes one Event.
    body.key("metadata")
        .begin_object()
        .field("name", platform.name + "." + Uuid::of_name(platform.uid + reason + note + now).text())
        .end_object();
    body.field("eventTime", now)
        .field("type", warning ? "Warning" : "Normal")
        .field("reason", reason)
        .field("action", "Reconcile")
        .field("note", note.substr(0, kLongestNote))
        .field("reportingController", "orderplatform.io/operator")
        .field("reportingInstance", "order-platform-operator");
    body.key("regarding")
        .begin_object()
        .field("apiVersion", api::kApiVersion)
        .field("kind", "OrderPlatform")
        .field("namespace", name_space_)
        .field("name", platform.name)
        .field("uid", platform.uid)
        .end_object()
        .end_object();
    auto created =
        client_.create("/apis/events.k8s.io/v1/namespaces/" + name_space_ + "/events", body.text());
    if (!created) log::debug("event not recorded", {{"reason", created.error().what}});
}

Result<int> KubePlatforms::release_all() {
    auto page = client_.list(collection(name_space_), "");
    if (!page && page.error().kind == ErrorKind::NotFound) return 0;
    if (!page) return fail(page.error());
    int count = 0;
    for (const json::Value& object : page->items) {
        auto platform = api::parse_order_platform(object);
        if (!platform || !platform->has_finalizer()) continue;
        json::Writer body;
        body.begin_object().key("metadata").begin_object();
        write_finalizers(body, *platform, false);
        body.key("annotations")
            .begin_object()
            .field(api::kReleasedAt, to_rfc3339(clock_.wall()))
            .end_object();
        body.end_object().end_object();
        auto patched = client_.merge_patch(collection(name_space_) + "/" + platform->name, body.text());
        if (!patched && patched.error().kind != ErrorKind::NotFound) return fail(patched.error());
        ++count;
    }
    return count;
}

}  // namespace platform::provision
