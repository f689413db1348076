#include "services/inventory/adapters/inventory_api.hpp"

#include "services/inventory/adapters/inventory_json.hpp"

#include <charconv>
#include <functional>
#include <string>
#include <utility>

namespace platform::inventory {
namespace {

constexpr std::size_t kDefaultLimit = 50;
constexpr std::size_t kMaxLimit = 500;

/// The whole of `text` as a number of at least 1; false when it is none.
template <class Integer>
bool read_number(const std::string& text, Integer& number) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && stop == end && number >= 1;
}

bool read_limit(const std::string& text, std::size_t& limit) {
    return read_number(text, limit) && limit <= kMaxLimit;
}

}  // namespace

InventoryApi::InventoryApi(InventoryStore& store, CatalogueStore& catalogue, service::Runtime& runtime)
    : store_(store), catalogue_(catalogue), readers_(runtime, "inventory-api") {
    runtime.serve("GET", "/api/inventory/:productId", std::bind_front(&InventoryApi::show, this));
    runtime.serve("GET", "/api/inventory", std::bind_front(&InventoryApi::list, this));
    runtime.serve("GET", "/api/inventory/:productId/movements", std::bind_front(&InventoryApi::movements, this));
}

void InventoryApi::show(const http::Request& request, http::Responder responder) {
    const std::string product = request.params.at("productId");
    if (!events::valid_product_id(product)) return responder.send(bad_product());
    readers_.read(std::move(responder), [this, product]() -> Result<http::Response> {
        auto item = store_.find(product);
        if (!item) return fail(std::move(item).error());
        if (!*item) return fail(ErrorKind::NotFound, "no such product");
        return shown(**item);
    });
}

void InventoryApi::list(const http::Request& request, http::Responder responder) {
    std::string after;
    std::size_t limit = kDefaultLimit;
    for (const auto& [name, value] : request.query) {
        if (name == "after" && events::valid_product_id(value)) {
            after = value;
        } else if (name != "limit" || !read_limit(value, limit)) {
            return responder.send(bad_parameter("/" + name, "is unknown or out of range (after, limit 1 to 500)"));
        }
    }
    readers_.read(std::move(responder), [this, after, limit]() -> Result<http::Response> {
        auto items = store_.list(after, limit);
        if (!items) return fail(std::move(items).error());
        return listed(*items, limit);
    });
}

void InventoryApi::movements(const http::Request& request, http::Responder responder) {
    const std::string product = request.params.at("productId");
    if (!events::valid_product_id(product)) return responder.send(bad_product());
    std::int64_t before = 0;
    std::size_t limit = kDefaultLimit;
    for (const auto& [name, value] : request.query) {
        const bool fit = (name == "before" && read_number(value, before)) || (name == "limit" && read_limit(value, limit));
        if (!fit) return responder.send(bad_parameter("/" + name, "is unknown or out of range (before, limit 1 to 500)"));
    }
    readers_.read(std::move(responder), [this, product, before, limit]() -> Result<http::Response> {
        auto records = catalogue_.movements(product, before, limit);
        if (!records) return fail(std::move(records).error());
        if (!records->empty() || before > 0) return listed(product, *records, limit);
        auto item = store_.find(product);
        if (!item) return fail(std::move(item).error());
        if (!*item) return fail(ErrorKind::NotFound, "no such product");
        return listed(product, *records, limit);
    });
}

}  // namespace platform::inventory
