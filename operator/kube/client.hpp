#pragma once
#include "operator/kube/transport.hpp"
#include "shared/core/clock.hpp"
#include "shared/core/json.hpp"
#include "shared/core/result.hpp"
#include "shared/telemetry/metrics.hpp"

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace platform::kube {

struct Page {
    std::vector<json::Value> items{};
    std::string resource_version{};
};

/// Kubernetes' verbs on paths. Every name is given by the caller (never generateName), so a request that was
/// sent twice does no harm. Errors by status: 400 and 422 Invalid, 401 and 403 Denied, 404 NotFound, 409
/// Conflict, 410 Conflict, 429 and 5xx Unavailable. Thread-safe.
class Client {
public:
    static constexpr int kPageSize = 500;

    Client(HttpTransport& transport, const Clock& clock, metrics::Registry& registry);

    [[nodiscard]] Result<json::Value> get(const std::string& path);
    /// All pages. A continue token that expired starts over once.
    [[nodiscard]] Result<Page> list(const std::string& path, const std::string& label_selector);
    /// Conflict: it exists already.
    [[nodiscard]] Result<json::Value> create(const std::string& path, const std::string& body);
    /// JSON merge patch; with metadata.resourceVersion in `body` it is refused with Conflict when the object
    /// has changed since.
    [[nodiscard]] Result<json::Value> merge_patch(const std::string& path, const std::string& body);
    /// "Not there" is success.
    [[nodiscard]] Result<void> remove(const std::string& path);

    /// One watch connection; see HttpTransport::stream. The server ends it after `limit`.
    [[nodiscard]] Result<StreamEnd> watch(
        const std::string& path,
        const std::string& label_selector,
        const std::string& resource_version,
        std::chrono::seconds limit,
        const std::function<bool(std::string&&)>& on_line,
        const std::stop_token& stop
    );

private:
    Result<json::Value> call(const Request& request);
    void count(const Request& request, const Result<Response>& answer, Instant started);

    HttpTransport& transport_;
    const Clock& clock_;
    metrics::Registry& registry_;
};

/// The kind of error that a status stands for. Thread-safe.
[[nodiscard]] ErrorKind kind_of_status(int status);

}  // namespace platform::kube
