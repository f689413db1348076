#include "services/notification/adapters/notification_api.hpp"

#include "shared/core/json_writer.hpp"
#include "shared/http/problem.hpp"

#include <string>
#include <utility>
#include <vector>

namespace platform::notification {
namespace {

/// Recipient and body stay out: they may hold personal data.
std::string to_json(const std::vector<Stored>& stored) {
    json::Writer json;
    json.begin_object().key("items").begin_array();
    for (const auto& [message, state] : stored) {
        json.begin_object()
            .field("kind", message.kind)
            .field("channel", message.channel)
            .field("state", state)
            .field("subject", message.subject)
            .field("messageId", message.message_id)
            .field("attempts", message.attempts)
            .end_object();
    }
    return json.end_array().end_object().take();
}

http::Problem bad_order_id() {
    return {
        .status = 400,
        .code = "invalid-parameter",
        .detail = "The query parameter orderId has to be the UUID of an order.",
        .errors = {{.pointer = "/orderId", .message = "has to be a UUID"}},
        .headers = {},
    };
}

}  // namespace

NotificationApi::NotificationApi(MessageStore& store, service::Runtime& runtime)
    : store_(store), readers_(runtime, "notification-api") {
    runtime.serve("GET", "/api/notifications", [this](const http::Request& request, http::Responder responder) {
        const auto found = request.query.find("orderId");
        const auto order = OrderId::parse(found == request.query.end() ? "" : found->second);
        if (!order) return responder.send(bad_order_id());
        readers_.read(std::move(responder), [this, id = *order]() -> Result<http::Response> {
            auto stored = store_.find(id);
            if (!stored) return fail(std::move(stored).error());
            return http::Response{
                .status = 200, .content_type = "application/json", .body = to_json(*stored), .headers = {}
            };
        });
    });
}

}  // namespace platform::notification
