#include "operator/config.hpp"

#include "shared/http/management.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace platform::operators {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::int64_t kMaxPort = 65535;

/// A DNS label (RFC 1123), as Kubernetes wants it.
bool is_namespace(std::string_view name) {
    constexpr std::size_t kLongest = 63;
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return name.size() <= kLongest && plain(name.front()) && plain(name.back()) &&
           std::ranges::all_of(name, [&](char c) { return plain(c) || c == '-'; });
}

void read_process(config::Reader& reader, Config& config) {
    config.http_host = reader.text(
        {.name = "HTTP_HOST",
         .meaning = "Address of health and metrics.",
         .fallback = "0.0.0.0",
         .unit = "host"}
    );
    config.http_port = static_cast<std::uint16_t>(reader.integer(
        {.name = "HTTP_PORT",
         .meaning = "Port of health and metrics; 0 takes a free one.",
         .fallback = "8080",
         .unit = "port"},
        0,
        kMaxPort
    ));
    config.management_port = http::read_management(reader, config.http_port).port;
    log::parse_level(
        reader.choice(
            {.name = "LOG_LEVEL", .meaning = "Least level that is logged.", .fallback = "info", .unit = ""},
            {"debug", "info", "warn", "error"}
        ),
        config.log_level
    );
    config.name_space = reader.text(
        {.name = "WATCH_NAMESPACE",
         .meaning = "The namespace whose OrderPlatforms are looked after.",
         .fallback = "",
         .unit = "",
         .required = true}
    );
    if (!config.name_space.empty() && !is_namespace(config.name_space)) {
        throw config::SettingError("WATCH_NAMESPACE: '" + config.name_space + "' is not the name of one namespace");
    }
}

void read_api_server(config::Reader& reader, Config& config) {
    const std::string account = "/var/run/secrets/kubernetes.io/serviceaccount/";
    const std::string host = reader.text(
        {.name = "KUBERNETES_SERVICE_HOST",
         .meaning = "Set in every pod.",
         .fallback = "kubernetes.default.svc",
         .unit = "host"}
    );
    const std::string port = reader.text(
        {.name = "KUBERNETES_SERVICE_PORT", .meaning = "Set in every pod.", .fallback = "443", .unit = "port"}
    );
    config.api_url = reader.text(
        {.name = "KUBE_API_URL",
         .meaning = "The API server; empty = that of the cluster the pod runs in.",
         .fallback = "",
         .unit = "url"}
    );
    if (config.api_url.empty()) config.api_url = "https://" + host + ":" + port;
    config.token_file = reader.text(
        {.name = "KUBE_TOKEN_PATH",
         .meaning = "File with the token of the service account; '-' = none.",
         .fallback = account + "token",
         .unit = "path"}
    );
    config.ca_file = reader.text(
        {.name = "KUBE_CA_PATH",
         .meaning = "File with the authority that signed the API server's certificate; '-' = the system's.",
         .fallback = account + "ca.crt",
         .unit = "path"}
    );
    if (config.token_file == "-") config.token_file.clear();
    if (config.ca_file == "-") config.ca_file.clear();
}

void read_helm(config::Reader& reader, Config& config) {
    config.helm = reader.text(
        {.name = "HELM_PATH", .meaning = "The helm program.", .fallback = "/usr/bin/helm", .unit = "path"}
    );
    config.helm_home = reader.text(
        {.name = "HELM_HOME_PATH",
         .meaning = "Where helm may write its cache.",
         .fallback = "/tmp",
         .unit = "path"}
    );
    config.helm_service_account = reader.text(
        {.name = "HELM_SERVICE_ACCOUNT",
         .meaning = "Service account that helm acts as; empty = helm finds its own credentials.",
         .fallback = "",
         .unit = ""}
    );
    config.helm_timeout = reader.duration(
        {.name = "HELM_TIMEOUT", .meaning = "Longest run of helm.", .fallback = "3m", .unit = "ms"},
        seconds(5),
        minutes(30)
    );
    config.charts = reader.text(
        {.name = "CHARTS_PATH",
         .meaning = "Directory of the charts.",
         .fallback = "/usr/share/orderplatform/charts",
         .unit = "path"}
    );
}

void read_waits(config::Reader& reader, Config& config) {
    config.resync = reader.duration(
        {.name = "RESYNC_INTERVAL",
         .meaning = "How often everything is looked at again without any event.",
         .fallback = "60s",
         .unit = "ms"},
        seconds(1),
        minutes(60)
    );
    config.kafka_timeout = reader.duration(
        {.name = "KAFKA_TIMEOUT",
         .meaning = "Longest wait for an answer of Kafka.",
         .fallback = "5s",
         .unit = "ms"},
        milliseconds(500),
        minutes(1)
    );
}

void read_images(config::Reader& reader, reconcile::Defaults& defaults) {
    defaults.repository_prefix = reader.text(
        {.name = "IMAGE_REPOSITORY_PREFIX",
         .meaning = "Where images of services come from, unless a resource says otherwise.",
         .fallback = "localhost/orderplatform",
         .unit = ""}
    );
    defaults.tag =
        reader.text({.name = "IMAGE_TAG", .meaning = "Their tag.", .fallback = PLATFORM_VERSION, .unit = ""});
    defaults.pull_policy = reader.choice(
        {.name = "IMAGE_PULL_POLICY",
         .meaning = "When images are pulled.",
         .fallback = "IfNotPresent",
         .unit = ""},
        {"Always", "IfNotPresent", "Never"}
    );
    defaults.kafka_image = reader.text(
        {.name = "KAFKA_IMAGE", .meaning = "Kafka to install.", .fallback = "apache/kafka:4.1.0", .unit = ""}
    );
    defaults.mysql_image = reader.text(
        {.name = "MYSQL_IMAGE", .meaning = "MySQL to install.", .fallback = "mysql:8.4", .unit = ""}
    );
    defaults.redis_image =
        reader.text({.name = "REDIS_IMAGE", .meaning = "Redis to install.", .fallback = "redis:7", .unit = ""}
        );
}

}  // namespace

Config read_config(const config::Source& source) {
    config::Reader reader(source);
    Config config;
    read_process(reader, config);
    read_api_server(reader, config);
    read_helm(reader, config);
    read_waits(reader, config);
    read_images(reader, config.defaults);
    config.rows = reader.rows();
    reader.finish();
    return config;
}

}  // namespace platform::operators
