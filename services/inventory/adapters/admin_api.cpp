#include "services/inventory/adapters/admin_api.hpp"

#include "services/inventory/adapters/inventory_json.hpp"
#include "shared/core/idempotency_key.hpp"
#include "shared/http/media_type.hpp"
#include "shared/telemetry/log.hpp"

#include <format>
#include <functional>
#include <optional>
#include <utility>

namespace platform::inventory {
namespace {

constexpr const char* kProduct = "/api/inventory/:productId";
constexpr const char* kAdjustments = "/api/inventory/:productId/adjustments";

http::Problem problem(int status, std::string code, std::string detail) {
    return {.status = status, .code = std::move(code), .detail = std::move(detail), .errors = {}, .headers = {}};
}

/// What is wrong with a request before its body is looked at.
std::optional<http::Problem> fault_of(const http::Request& request) {
    if (!events::valid_product_id(request.params.at("productId"))) return bad_product();
    if (!http::is_json(request)) return problem(415, "unsupported-media-type", "Send the change as application/json.");
    return std::nullopt;
}

}  // namespace

AdminApi::AdminApi(Options options, CatalogueStore& store, service::Runtime& runtime)
    : store_(store), runtime_(runtime), workers_(runtime, "inventory-admin", {.threads = 1, .max_queue = 64}) {
    mount(runtime.management());
    if (options.open) {
        mount(runtime.http());
    } else {
        refuse_on(runtime.http());
    }
}

void AdminApi::mount(http::Server& server) {
    server.route("PUT", kProduct, std::bind_front(&AdminApi::put_product, this));
    server.route("POST", kAdjustments, std::bind_front(&AdminApi::adjust_stock, this));
}

void AdminApi::refuse_on(http::Server& server) const {
    const auto refuse = [this](const http::Request& /*request*/, http::Responder responder) {
        responder.send(problem(
            403,
            "management-port-only",
            std::format(
                "Changes by hand answer on the management port {} of the pod (kubectl port-forward), or everywhere "
                "with ADMIN_API=open.",
                runtime_.management().port()
            )
        ));
    };
    server.route("PUT", kProduct, refuse);
    server.route("POST", kAdjustments, refuse);
}

Stamp AdminApi::stamp() {
    return {.next_id = [this] { return runtime_.ids().next(); }, .now = runtime_.clock().wall()};
}

void AdminApi::put_product(const http::Request& request, http::Responder responder) {
    if (auto fault = fault_of(request)) return responder.send(*fault);
    auto wanted = read_product(request.body, request.params.at("productId"));
    if (!wanted) return responder.send(wanted.error());
    workers_.read(
        std::move(responder),
        [this, wanted = *std::move(wanted), correlation_id = request.correlation_id] {
            return stored(wanted, correlation_id);
        }
    );
}

Result<http::Response> AdminApi::stored(const ProductWanted& wanted, const std::string& correlation_id) {
    bool is_new = false;
    std::optional<Item> after;
    auto done = store_.change(
        wanted.product_id, "",
        [&](std::optional<Item>& item, const std::optional<Adjustment>& /*earlier*/) {
            is_new = !item;
            auto effects = put(wanted, item, correlation_id, stamp());
            after = item;
            return effects;
        }
    );
    if (!done) return fail(std::move(done).error());
    log::info("product set by hand", {{"product_id", wanted.product_id}, {"revision", after->revision}});
    auto answer = shown(*after, is_new ? 201 : 200);
    if (is_new) answer.headers.emplace_back("Location", "/api/inventory/" + wanted.product_id);
    return answer;
}

void AdminApi::adjust_stock(const http::Request& request, http::Responder responder) {
    if (auto fault = fault_of(request)) return responder.send(*fault);
    const auto header = request.header("idempotency-key");
    if (!header) {
        return responder.send(problem(
            400, "idempotency-key-required",
            "Send an Idempotency-Key of your own with each adjustment, so that a repeat of it changes nothing."
        ));
    }
    const auto key = read_idempotency_key(*header);
    if (!key) {
        return responder.send(problem(
            400, "invalid-idempotency-key", "Idempotency-Key has to be 1 to 255 printable ASCII characters."
        ));
    }
    auto wanted = read_adjustment(request.body, request.params.at("productId"), *key);
    if (!wanted) return responder.send(wanted.error());
    workers_.read(
        std::move(responder),
        [this, wanted = *std::move(wanted), correlation_id = request.correlation_id] {
            return adjusted(wanted, correlation_id);
        }
    );
}

Result<http::Response> AdminApi::adjusted(const AdjustmentWanted& wanted, const std::string& correlation_id) {
    std::optional<std::expected<Adjusted, AdjustmentRefused>> outcome;
    auto done = store_.change(
        wanted.product_id, wanted.key,
        [&](std::optional<Item>& item, const std::optional<Adjustment>& earlier) {
            outcome = adjust(wanted, earlier, item, correlation_id, stamp());
            return *outcome ? (*outcome)->effects : ItemEffects{};
        }
    );
    if (!done) return fail(std::move(done).error());
    if (!*outcome) return http::to_response(to_problem(outcome->error()), correlation_id);
    const Adjusted& made = **outcome;
    if (!made.replayed) {
        log::info(
            "stock adjusted by hand",
            {{"product_id", wanted.product_id}, {"delta", made.adjustment.delta}, {"available", made.adjustment.available}}
        );
    }
    return shown(made);
}

}  // namespace platform::inventory
