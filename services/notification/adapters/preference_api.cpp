#include "services/notification/adapters/preference_api.hpp"

#include "services/notification/adapters/preference_json.hpp"
#include "shared/core/json.hpp"
#include "shared/core/user_id.hpp"
#include "shared/http/problem.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace platform::notification {
namespace {

constexpr const char* kPath = "/api/notifications/preferences/:userId";

http::Response ok(std::string body) {
    return {.status = 200, .content_type = "application/json", .body = std::move(body), .headers = {}};
}

http::Problem wrong(int status, std::string code, std::string detail, std::string pointer, std::string message) {
    return {
        .status = status,
        .code = std::move(code),
        .detail = std::move(detail),
        .errors = {{.pointer = std::move(pointer), .message = std::move(message)}},
        .headers = {},
    };
}

http::Problem only_inside() {
    return {
        .status = 403,
        .code = "admin-only",
        .detail = "Preferences hold addresses of customers. They are read and written on the management port of the pod.",
        .errors = {},
        .headers = {},
    };
}

std::optional<http::Problem> fault_of_user(const std::string& user) {
    if (valid_user_id(user)) return std::nullopt;
    return wrong(400, "invalid-parameter", "The user id has to be 1 to 64 characters.", "/userId", "has to be 1 to 64 characters");
}

}  // namespace

PreferenceApi::PreferenceApi(PreferenceStore& store, service::Runtime& runtime)
    : store_(store), readers_(runtime, "preference-api", {.threads = 1, .max_queue = 64}) {
    for (const auto* method : {"GET", "PUT"}) {
        runtime.http().route(method, kPath, [](const http::Request&, http::Responder responder) { responder.send(only_inside()); });
    }
    runtime.management().route("GET", kPath, std::bind_front(&PreferenceApi::show, this));
    runtime.management().route("PUT", kPath, std::bind_front(&PreferenceApi::keep, this));
}

void PreferenceApi::show(const http::Request& request, http::Responder responder) {
    const std::string user = request.params.at("userId");
    if (const auto fault = fault_of_user(user)) return responder.send(*fault);
    readers_.read(std::move(responder), [this, user]() -> Result<http::Response> {
        auto found = store_.find(std::array{user});
        if (!found) return fail(std::move(found).error());
        if (found->empty()) return fail(ErrorKind::NotFound, "no preference of this customer");
        return ok(to_json(user, found->begin()->second));
    });
}

void PreferenceApi::keep(const http::Request& request, http::Responder responder) {
    const std::string user = request.params.at("userId");
    if (const auto fault = fault_of_user(user)) return responder.send(*fault);
    auto preference = read_preference(request.body);
    if (!preference) {
        const auto& [member, message] = preference.error();
        const std::string pointer = member.empty() ? "" : json::pointer_to(member);
        return responder.send(wrong(422, "invalid-preference", "The preference cannot be kept as it is.", pointer, message));
    }
    readers_.read(std::move(responder), [this, user, preference = *std::move(preference)]() -> Result<http::Response> {
        if (auto kept = store_.put(user, preference); !kept) return fail(std::move(kept).error());
        return ok(to_json(user, preference));
    });
}

}  // namespace platform::notification
