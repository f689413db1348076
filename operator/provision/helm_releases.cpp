#include "operator/provision/helm_releases.hpp"

#include "operator/api/fields.hpp"
#include "operator/kube/watch_event.hpp"
#include "shared/core/json_writer.hpp"

#include <algorithm>

namespace platform::provision {

using api::label_of;
using api::text_at;
using reconcile::ReleaseSeen;
using State = ReleaseSeen::State;

namespace {

State state_of(const std::string& status) {
    if (status == "deployed") return State::Deployed;
    if (status.starts_with("pending-")) return State::Locked;
    if (status == "uninstalled") return State::Absent;
    return State::Failed;  // failed, superseded without a successor, uninstalling, unknown: change it again
}

/// The end of what helm complained of, on one line.
std::string complaint(const HelmProcess::Finished& finished) {
    constexpr std::size_t kLongest = 600;
    std::string text = finished.errors.empty() ? finished.output : finished.errors;
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    if (text.size() > kLongest) text = "..." + text.substr(text.size() - kLongest);
    std::ranges::replace(text, '\n', ' ');
    return "helm exited with " + std::to_string(finished.exit_code) + ": " + text;
}

bool says_not_found(const HelmProcess::Finished& finished) {
    return finished.exit_code != 0 && finished.errors.contains("not found");
}

}  // namespace

HelmReleases::HelmReleases(Options options, kube::Client& client, HelmProcess& helm, const Clock& clock)
    : options_(std::move(options)), client_(client), helm_(helm), clock_(clock) {}

std::string HelmReleases::record_path(const std::string& name, std::int64_t revision) const {
    return "/api/v1/namespaces/" + options_.name_space + "/secrets/sh.helm.release.v1." + name + ".v" +
           std::to_string(revision);
}

Result<std::optional<ReleaseSeen>> HelmReleases::read_record(const std::string& name, std::int64_t revision) {
    auto record = client_.get(record_path(name, revision));
    if (!record && record.error().kind == ErrorKind::NotFound) return std::nullopt;
    if (!record) return fail(record.error());
    return ReleaseSeen{
        .state = state_of(label_of(*record, "status")),
        .revision = revision,
        .digest = label_of(*record, kDigestLabel)
    };
}

Result<ReleaseSeen> HelmReleases::inspect(const std::string& name, std::int64_t known, bool certain) {
    std::int64_t revision = std::max({known, latest_[name], std::int64_t{1}});
    auto seen = read_record(name, revision);
    if (!seen) return fail(seen.error());
    if (!*seen && revision > 1) {
        // The one before, when a locked record was taken away after it had been remembered.
        seen = read_record(name, --revision);
        if (!seen) return fail(seen.error());
    }
    while (*seen) {
        auto newer = read_record(name, revision + 1);
        if (!newer) return fail(newer.error());
        if (!*newer) break;
        seen = std::move(newer);
        ++revision;
    }
    if (*seen) {
        latest_[name] = revision;
        return **seen;
    }
    // Gone, or never there, or its first revisions were cleared away while nobody remembered how many there
    // are.
    latest_[name] = 0;
    if (!certain || known_absent_[name]) return ReleaseSeen{};
    auto told = ask_helm(name);
    if (told) {
        latest_[name] = told->revision;
        known_absent_[name] = told->state == State::Absent;
    }
    return told;
}

Result<ReleaseSeen> HelmReleases::ask_helm(const std::string& name) {
    auto finished =
        helm({"history", name, "--namespace", options_.name_space, "--max", "1", "--output", "json"}, "");
    if (!finished) return fail(finished.error());
    if (says_not_found(*finished)) return ReleaseSeen{};
    if (finished->exit_code != 0) return fail(ErrorKind::Unavailable, complaint(*finished));
    const auto parsed = json::parse(finished->output, kube::object_limits());
    if (!parsed || !parsed->is(json::Value::Kind::Array) || parsed->items().empty()) {
        return fail(ErrorKind::Unavailable, "helm history gave no history");
    }
    const json::Value& last = parsed->items().back();
    return ReleaseSeen{
        .state = state_of(text_at(last, "status")),
        .revision = api::integer_at(last, "revision").value_or(0),
        .digest = {}
    };
}

Result<std::string> HelmReleases::token() {
    if (options_.service_account.empty()) return std::string{};
    if (!token_.empty() && clock_.now() - token_at_ < kTokenLife / 2) return token_;
    json::Writer body;
    body.begin_object()
        .field("apiVersion", "authentication.k8s.io/v1")
        .field("kind", "TokenRequest")
        .key("spec")
        .begin_object()
        .field("expirationSeconds", std::chrono::duration_cast<std::chrono::seconds>(kTokenLife).count())
        .end_object()
        .end_object();
    auto answer = client_.create(
        "/api/v1/namespaces/" + options_.name_space + "/serviceaccounts/" + options_.service_account +
            "/token",
        body.text()
    );
    if (!answer) return fail(answer.error());
    token_ = text_at(*answer, "status.token");
    token_at_ = clock_.now();
    if (token_.empty())
        return fail(ErrorKind::Unavailable, "the token request for helm was answered without a token");
    return token_;
}

Result<HelmProcess::Finished>
HelmReleases::helm(const std::vector<std::string>& arguments, const std::string& input) {
    auto bearer = token();
    if (!bearer) return fail(bearer.error());
    std::map<std::string, std::string> environment{
        {"HOME", options_.home},
        {"PATH", "/usr/bin:/bin"},
        {"HELM_DRIVER", "secret"},
        {"HELM_KUBEAPISERVER", options_.api_url},
        {"HELM_NAMESPACE", options_.name_space},
        {"GOMEMLIMIT", "160MiB"},
    };
    if (!options_.ca_file.empty()) environment["HELM_KUBECAFILE"] = options_.ca_file;
    if (!bearer->empty()) environment["HELM_KUBETOKEN"] = *bearer;
    return helm_.run(arguments, environment, input);
}

Result<void> HelmReleases::install(const reconcile::ReleaseWanted& release) {
    known_absent_[release.name] = false;
    const auto finished = helm(
        {"upgrade",
         release.name,
         options_.charts + "/" + release.chart,
         "--install",
         "--namespace",
         options_.name_space,
         "--values",
         "-",
         "--labels",
         std::string(kDigestLabel) + "=" + release.digest,
         "--history-max",
         "5"},
        release.values
    );
    if (!finished) return fail(finished.error());
    if (finished->exit_code != 0) return fail(ErrorKind::Internal, complaint(*finished));
    return {};
}

Result<void> HelmReleases::uninstall(const std::string& name) {
    const auto finished =
        helm({"uninstall", name, "--namespace", options_.name_space, "--ignore-not-found"}, "");
    if (!finished) return fail(finished.error());
    if (finished->exit_code != 0) return fail(ErrorKind::Internal, complaint(*finished));
    latest_[name] = 0;
    known_absent_[name] = true;
    return {};
}

Result<void> HelmReleases::unlock(const std::string& name, std::int64_t revision) {
    auto removed = client_.remove(record_path(name, revision));
    if (removed) latest_[name] = revision - 1;
    return removed;
}

}  // namespace platform::provision
