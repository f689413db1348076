#include "services/order/domain/order.hpp"
#include "services/order/domain/place_order.hpp"
#include "shared/core/check.hpp"
#include "shared/core/idempotency_key.hpp"
#include "shared/core/json_writer.hpp"
#include "shared/events/events.hpp"
#include "tests/fuzz/target.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The body of POST /api/orders. It is refused with faults that a client can be told, or it is an order whose sum is right, that means the same when
// it is written again, and that can be announced.

namespace platform::order {
namespace {

constexpr std::size_t kLongestFault = 512;
__extension__ using Wide = __int128;

void check_refusal(const Refusal& refusal) {
    CHECK(!refusal.faults.empty() && refusal.faults.size() <= kMaxFaults, "a refusal names some faults");
    if (refusal.kind == Refusal::Kind::Semantic) CHECK(refusal.faults.size() == 1, "only the sum is judged as a whole");
    for (const Fault& fault : refusal.faults) {
        CHECK(!fault.message.empty() && fault.message.size() <= kLongestFault, "a fault is said in a line");
        CHECK(fault.pointer.empty() || fault.pointer.front() == '/', "a fault has a place");
    }
}

void check_content(const Content& content) {
    CHECK(content.items.empty() || (content.items.size() > 1 && content.items.size() <= kMaxLines), "lines are counted");
    Wide sum = 0;
    for (const auto& line : lines_of(content)) {
        CHECK(events::valid_product_id(line.product_id), "products have names");
        CHECK(line.quantity >= 1 && line.quantity <= kMaxQuantity, "quantities are in range");
        CHECK(line.price >= Money{}, "prices are not negative");
        sum += static_cast<Wide>(line.price.units()) * line.quantity;
    }
    CHECK(sum <= std::numeric_limits<std::int64_t>::max() && content.amount.units() == static_cast<std::int64_t>(sum), "the sum is exact");
    CHECK(events::valid_currency(content.currency), "a currency is a currency");
}

void write_line(json::Writer& out, const events::Item& line) {
    out.field("productId", line.product_id).field("quantity", line.quantity);
    out.key("price").number_text(line.price.text());
}

std::string written(const Content& content) {
    json::Writer out;
    out.begin_object();
    if (content.items.empty()) {
        write_line(out, lines_of(content).front());
    } else {
        out.key("items").begin_array();
        for (const auto& line : content.items) {
            out.begin_object();
            write_line(out, line);
            out.end_object();
        }
        out.end_array();
    }
    out.field("userId", content.user_id).field("currency", content.currency).end_object();
    return out.take();
}

void check_announced(const Content& content) {
    const auto order = place(OrderId{Uuid::of_name("order")}, content, "correlation", WallTime{});
    const auto read = events::decode(events::encode(created_event(order)));
    CHECK(read.has_value(), "every order can be announced");
    const auto& event = std::get<events::Event>(*read);
    const auto& created = std::get<events::OrderCreated>(event.payload);
    CHECK(event.order_id == order.id && created.amount == content.amount, "as the order that it is");
    CHECK(created.items == content.items && created.user_id == content.user_id, "with all its lines");
}

void check_key(std::string_view header) {
    const auto key = read_idempotency_key(header);
    if (!key) return;
    CHECK(!key->empty() && key->size() <= 255, "a key is bounded");
    std::string quoted = "\"";
    for (const char c : *key) {
        CHECK(c >= 0x20 && c <= 0x7E, "a key can be printed");
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    CHECK(read_idempotency_key(quoted + "\"") == key, "a key comes back from its quotes");
}

}  // namespace
}  // namespace platform::order

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace platform::order;
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    check_key(body);
    const auto content = read_order(body, "EUR");
    if (!content) {
        check_refusal(content.error());
        return 0;
    }
    check_content(*content);
    const auto again = read_order(written(*content), "USD");
    CHECK(again && *again == *content, "an order comes back from its text");
    check_announced(*content);
    return 0;
}
