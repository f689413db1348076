#include "services/inventory/adapters/inventory_api.hpp"

#include "shared/core/json_writer.hpp"
#include "shared/http/problem.hpp"

#include <charconv>
#include <string>
#include <utility>

namespace platform::inventory {
namespace {

constexpr std::size_t kDefaultLimit = 50;
constexpr std::size_t kMaxLimit = 500;

void write(json::Writer& json, const Item& item) {
    json.begin_object()
        .field("productId", item.product_id)
        .field("available", item.available)
        .field("reserved", item.reserved)
        .end_object();
}

http::Response ok(std::string body) {
    return {.status = 200, .content_type = "application/json", .body = std::move(body), .headers = {}};
}

http::Problem bad_parameter(std::string pointer, std::string message) {
    return {
        .status = 400,
        .code = "invalid-parameter",
        .detail = pointer.substr(1) + " " + message + ".",
        .errors = {{.pointer = pointer, .message = message}},
        .headers = {},
    };
}

}  // namespace

InventoryApi::InventoryApi(InventoryStore& store, service::Runtime& runtime)
    : store_(store), readers_(runtime, "inventory-api") {
    runtime.http().route("GET", "/api/inventory/:productId", [this](const http::Request& request, http::Responder responder) {
        show(request, std::move(responder));
    });
    runtime.http().route("GET", "/api/inventory", [this](const http::Request& request, http::Responder responder) {
        list(request, std::move(responder));
    });
}

void InventoryApi::show(const http::Request& request, http::Responder responder) {
    const std::string product = request.params.at("productId");
    if (!events::valid_product_id(product)) {
        return responder.send(bad_parameter("/productId", "has to be 1 to 64 characters of A-Z a-z 0-9 . _ -"));
    }
    readers_.read(std::move(responder), [this, product]() -> Result<http::Response> {
        auto item = store_.find(product);
        if (!item) return fail(std::move(item).error());
        if (!*item) return fail(ErrorKind::NotFound, "no such product");
        json::Writer json;
        write(json, **item);
        return ok(json.take());
    });
}

void InventoryApi::list(const http::Request& request, http::Responder responder) {
    std::string after;
    std::size_t limit = kDefaultLimit;
    for (const auto& [name, value] : request.query) {
        if (name == "after" && events::valid_product_id(value)) {
            after = value;
            continue;
        }
        const char* end = value.data() + value.size();
        const auto [stop, error] = std::from_chars(value.data(), end, limit);
        const bool valid = name == "limit" && error == std::errc{} && stop == end && limit >= 1 && limit <= kMaxLimit;
        if (!valid) return responder.send(bad_parameter("/" + name, "is unknown or out of range (after, limit 1 to 500)"));
    }
    readers_.read(std::move(responder), [this, after, limit]() -> Result<http::Response> {
        auto items = store_.list(after, limit);
        if (!items) return fail(std::move(items).error());
        json::Writer json;
        json.begin_object().key("items").begin_array();
        for (const auto& item : *items) write(json, item);
        json.end_array().end_object();
        return ok(json.take());
    });
}

}  // namespace platform::inventory
