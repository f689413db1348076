#include "services/inventory/adapters/inventory_json.hpp"

#include "shared/core/json.hpp"
#include "shared/core/json_writer.hpp"
#include "shared/core/time_text.hpp"
#include "shared/core/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <utility>

namespace platform::inventory {
namespace {

using json::Value;
using Kind = Value::Kind;

constexpr std::size_t kMaxBody = 16UL * 1024;
constexpr std::size_t kMaxName = 200;
constexpr std::size_t kMaxReason = 500;
constexpr std::size_t kMaxFaults = 20;

void write(json::Writer& json, const Item& item) {
    json.begin_object().field("productId", item.product_id);
    if (!item.name.empty()) json.field("name", item.name);
    if (item.price) {
        json.key("price").number_text(item.price->text());
        json.field("currency", item.currency);
    }
    json.field("available", item.available).field("reserved", item.reserved);
    json.field("lowMark", item.low_mark).field("low", item.low()).field("revision", item.revision);
    json.end_object();
}

void write(json::Writer& json, const MovementRecord& movement) {
    json.begin_object().field("id", movement.id).field("movement", to_string(movement.row.movement));
    json.field("delta", movement.row.delta).field("orders", movement.row.orders);
    if (!movement.row.order_id.uuid.is_nil()) json.field("orderId", movement.row.order_id.text());
    if (!movement.row.reason.empty()) json.field("reason", movement.row.reason);
    json.field("at", to_rfc3339(movement.at)).end_object();
}

http::Response ok(json::Writer& json, int status = 200) {
    return {.status = status, .content_type = "application/json", .body = json.take(), .headers = {}};
}

http::Problem problem(int status, std::string code, std::string detail) {
    return {.status = status, .code = std::move(code), .detail = std::move(detail), .errors = {}, .headers = {}};
}

/// Reads the members of a body and collects all its faults. One thread.
class BodyReader {
public:
    explicit BodyReader(const Value& body) : body_(body) {}

    void fault(std::string_view name, std::string message) {
        if (faults_.size() >= kMaxFaults) return;
        faults_.push_back({.pointer = name.empty() ? "" : json::pointer_to(name), .message = std::move(message)});
    }
    [[nodiscard]] const Value* member(std::string_view name) const {
        const Value* value = body_.find(name);
        return value != nullptr && value->is(Kind::Null) ? nullptr : value;
    }
    std::string text(std::string_view name, std::size_t longest) {
        const Value* value = member(name);
        if (value == nullptr) return {};
        if (!value->is(Kind::String) || !utf8::is_plain(value->text(), longest)) {
            fault(name, "must be a string of 1 to " + std::to_string(longest) + " characters, none of them control characters");
            return {};
        }
        return value->text();
    }
    std::optional<std::int64_t> pieces(std::string_view name, std::int64_t least) {
        const Value* value = member(name);
        if (value == nullptr) return std::nullopt;
        const std::string& text = value->text();
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (!value->is(Kind::Number) || error != std::errc{} || end != text.data() + text.size() || number < least ||
            number > kMostPieces) {
            fault(name, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(kMostPieces));
            return std::nullopt;
        }
        return number;
    }
    std::optional<Money> price() {
        const Value* value = member("price");
        if (value == nullptr) return std::nullopt;
        const auto price = value->is(Kind::Number) || value->is(Kind::String) ? Money::parse(value->text())
                                                                            : fail(ErrorKind::Invalid, "");
        if (!price || *price < Money{}) {
            fault("price", "must be a decimal that is not negative, with at most four digits after the point");
            return std::nullopt;
        }
        return *price;
    }
    std::string currency() {
        const Value* value = member("currency");
        if (value == nullptr) return std::string(events::kDefaultCurrency);
        if (!value->is(Kind::String) || !events::valid_currency(value->text()))
            fault("currency", "must be three upper-case letters (ISO 4217)");
        return value->text();
    }
    void refuse_others(std::initializer_list<std::string_view> known) {
        for (const auto& [name, value] : body_.members()) {
            if (!std::ranges::contains(known, name)) fault(name, "is not a field here");
        }
    }
    [[nodiscard]] std::optional<http::Problem> faults(std::string code) {
        if (faults_.empty()) return std::nullopt;
        auto answer = problem(422, std::move(code), "Every fault is in 'errors'. Nothing was changed.");
        answer.errors = std::move(faults_);
        return answer;
    }

private:
    const Value& body_;
    std::vector<http::FieldFault> faults_;
};

std::expected<Value, http::Problem> read_object(std::string_view body) {
    auto parsed = json::parse(body, {.max_depth = 8, .max_bytes = kMaxBody});
    if (parsed && parsed->is(Kind::Object)) return *std::move(parsed);
    auto answer = problem(400, "invalid-json", "The body has to be one JSON object.");
    if (!parsed) answer.errors = {{.pointer = parsed.error().pointer, .message = parsed.error().message}};
    return std::unexpected(std::move(answer));
}

struct RefusalProblem {
    http::Problem operator()(const NoSuchProduct& /*why*/) const {
        return problem(404, "product-not-found", "There is no such product; make it with PUT first.");
    }
    http::Problem operator()(const KeyReused& /*why*/) const {
        return problem(422, "idempotency-key-reused", "This Idempotency-Key belongs to another request. Nothing was changed.");
    }
    http::Problem operator()(const NotEnough& why) const {
        return problem(
            409, "not-enough-stock",
            "Stock is never negative, and " + std::to_string(why.available) + " are available. Nothing was changed."
        );
    }
    http::Problem operator()(const TooMany& /*why*/) const {
        return problem(422, "too-much-stock", "No product has more than " + std::to_string(kMostPieces) + " pieces.");
    }
};

}  // namespace

http::Response shown(const Item& item, int status) {
    json::Writer json;
    write(json, item);
    return ok(json, status);
}

http::Response listed(const std::vector<Item>& items, std::size_t limit) {
    json::Writer json;
    json.begin_object().key("items").begin_array();
    for (const auto& item : items) write(json, item);
    json.end_array().key("links").begin_object();
    if (!items.empty() && items.size() == limit) {
        json.field("next", "/api/inventory?after=" + items.back().product_id + "&limit=" + std::to_string(limit));
    }
    json.end_object().end_object();
    return ok(json);
}

http::Response
listed(const std::string& product_id, const std::vector<MovementRecord>& movements, std::size_t limit) {
    json::Writer json;
    json.begin_object().field("productId", product_id).key("movements").begin_array();
    for (const auto& movement : movements) write(json, movement);
    json.end_array().key("links").begin_object();
    if (!movements.empty() && movements.size() == limit) {
        json.field(
            "next", "/api/inventory/" + product_id + "/movements?before=" + std::to_string(movements.back().id) +
                        "&limit=" + std::to_string(limit)
        );
    }
    json.end_object().end_object();
    return ok(json);
}

http::Response shown(const Adjusted& adjusted) {
    const auto& made = adjusted.adjustment;
    json::Writer json;
    json.begin_object().field("productId", made.wanted.product_id).field("delta", made.delta);
    json.field("available", made.available).field("reason", made.wanted.reason);
    json.field("revision", made.revision).field("at", to_rfc3339(made.made_at)).end_object();
    auto answer = ok(json, 201);
    if (adjusted.replayed) answer.headers.emplace_back("Idempotency-Replayed", "true");
    return answer;
}

http::Problem to_problem(const AdjustmentRefused& refused) {
    return std::visit(RefusalProblem{}, refused);
}

std::expected<ProductWanted, http::Problem> read_product(std::string_view body, const std::string& product_id) {
    const auto object = read_object(body);
    if (!object) return std::unexpected(object.error());
    BodyReader in{*object};
    ProductWanted wanted{
        .product_id = product_id,
        .name = in.text("name", kMaxName),
        .price = in.price(),
        .currency = in.currency(),
        .low_mark = in.pieces("lowMark", 0).value_or(0),
        .initial_stock = in.pieces("initialStock", 0).value_or(0),
    };
    in.refuse_others({"name", "price", "currency", "lowMark", "initialStock"});
    if (auto faults = in.faults("invalid-product")) return std::unexpected(*std::move(faults));
    return wanted;
}

std::expected<AdjustmentWanted, http::Problem>
read_adjustment(std::string_view body, const std::string& product_id, const std::string& key) {
    const auto object = read_object(body);
    if (!object) return std::unexpected(object.error());
    BodyReader in{*object};
    const bool relative = in.member("delta") != nullptr;
    if (relative == (in.member("setTo") != nullptr)) in.fault("", "must have either 'delta' or 'setTo'");
    const auto delta = in.pieces("delta", -kMostPieces);
    const auto set_to = in.pieces("setTo", 0);
    if (delta == 0) in.fault("delta", "must not be 0");
    AdjustmentWanted wanted{
        .key = key,
        .product_id = product_id,
        .kind = relative ? AdjustmentWanted::Kind::Delta : AdjustmentWanted::Kind::SetTo,
        .amount = (relative ? delta : set_to).value_or(0),
        .reason = in.text("reason", kMaxReason),
    };
    if (in.member("reason") == nullptr) in.fault("reason", "is required");
    in.refuse_others({"delta", "setTo", "reason"});
    if (auto faults = in.faults("invalid-adjustment")) return std::unexpected(*std::move(faults));
    return wanted;
}

http::Problem bad_parameter(const std::string& pointer, std::string message) {
    auto answer = problem(400, "invalid-parameter", pointer.substr(1) + " " + message + ".");
    answer.errors = {{.pointer = pointer, .message = std::move(message)}};
    return answer;
}

http::Problem bad_product() {
    return bad_parameter("/productId", "has to be 1 to 64 characters of A-Z a-z 0-9 . _ -");
}

}  // namespace platform::inventory
