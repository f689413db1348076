#include "operator/kube/client.hpp"

#include "operator/api/fields.hpp"
#include "operator/kube/watch_event.hpp"

#include <utility>

namespace platform::kube {

using api::at;
using api::encode;
using api::text_at;
namespace {

constexpr int kStatusOk = 200;
constexpr int kStatusRedirect = 300;

/// What the server says is wrong, shortened; a Secret's content is never part of it.
std::string reason_of(const Response& response) {
    constexpr std::size_t kLongest = 500;
    const auto parsed = json::parse(response.body, object_limits());
    std::string message = parsed ? text_at(*parsed, "message") : std::string{};
    if (message.empty()) message = "no message";
    if (message.size() > kLongest) message.resize(kLongest);
    return message;
}

std::unexpected<Error> refused(const Request& request, const Response& response) {
    return fail(
        kind_of_status(response.status),
        request.method + " " + request.target.substr(0, request.target.find('?')) + ": " +
            std::to_string(response.status) + " " + reason_of(response)
    );
}

}  // namespace

ErrorKind kind_of_status(int status) {
    switch (status) {
        case 401:
        case 403:
            return ErrorKind::Denied;
        case 404:
            return ErrorKind::NotFound;
        case 409:
        case 410:
            return ErrorKind::Conflict;
        case 408:
        case 429:
            return ErrorKind::Unavailable;
        default:
            return status >= 500 ? ErrorKind::Unavailable : ErrorKind::Invalid;
    }
}

Client::Client(HttpTransport& transport, const Clock& clock, metrics::Registry& registry)
    : transport_(transport), clock_(clock), registry_(registry) {}

void Client::count(const Request& request, const Result<Response>& answer, Instant started) {
    const std::string code = answer ? std::to_string(answer->status) : "<error>";
    registry_
        .counter(
            "rest_client_requests_total",
            "Requests to the API server by method and status.",
            {{"method", request.method}, {"code", code}}
        )
        .add();
    registry_
        .timer(
            "rest_client_request_duration_seconds",
            "Time of requests to the API server.",
            {{"verb", request.method}}
        )
        .record(clock_.now() - started);
}

Result<json::Value> Client::call(const Request& request) {
    const Instant started = clock_.now();
    auto answer = transport_.send(request);
    count(request, answer, started);
    if (!answer) return fail(answer.error());
    if (answer->status < kStatusOk || answer->status >= kStatusRedirect) return refused(request, *answer);
    auto parsed = json::parse(answer->body, object_limits());
    if (!parsed) {
        return fail(
            ErrorKind::Unavailable, request.method + " " + request.target + ": " + parsed.error().message
        );
    }
    return std::move(*parsed);
}

Result<json::Value> Client::get(const std::string& path) {
    return call({.method = "GET", .target = path});
}

Result<Page> Client::list(const std::string& path, const std::string& label_selector) {
    Page all;
    std::string token;
    bool restarted = false;
    while (true) {
        std::string target = path + "?limit=" + std::to_string(kPageSize);
        if (!label_selector.empty()) target += "&labelSelector=" + encode(label_selector);
        if (!token.empty()) target += "&continue=" + encode(token);
        auto page = call({.method = "GET", .target = target});
        if (!page && page.error().kind == ErrorKind::Conflict && !token.empty() && !restarted) {
            // 410: the snapshot behind the token is gone.
            restarted = true;
            token.clear();
            all = {};
            continue;
        }
        if (!page) return fail(page.error());
        if (const json::Value* items = at(*page, "items")) {
            all.items.insert(all.items.end(), items->items().begin(), items->items().end());
        }
        all.resource_version = text_at(*page, "metadata.resourceVersion");
        token = text_at(*page, "metadata.continue");
        if (token.empty()) return all;
    }
}

Result<json::Value> Client::create(const std::string& path, const std::string& body) {
    return call({.method = "POST", .target = path, .body = body});
}

Result<json::Value> Client::merge_patch(const std::string& path, const std::string& body) {
    return call(
        {.method = "PATCH", .target = path, .content_type = "application/merge-patch+json", .body = body}
    );
}

Result<void> Client::remove(const std::string& path) {
    auto answer = call({.method = "DELETE", .target = path});
    if (!answer && answer.error().kind != ErrorKind::NotFound) return fail(answer.error());
    return {};
}

Result<StreamEnd> Client::watch(
    const std::string& path,
    const std::string& label_selector,
    const std::string& resource_version,
    std::chrono::seconds limit,
    const std::function<bool(std::string&&)>& on_line,
    const std::stop_token& stop
) {
    std::string target = path +
                         "?watch=true&allowWatchBookmarks=true&resourceVersion=" + encode(resource_version) +
                         "&timeoutSeconds=" + std::to_string(limit.count());
    if (!label_selector.empty()) target += "&labelSelector=" + encode(label_selector);
    return transport_.stream({.method = "GET", .target = target}, on_line, stop);
}

}  // namespace platform::kube
