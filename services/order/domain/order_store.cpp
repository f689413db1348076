#include "services/order/domain/order_store.hpp"

#include <algorithm>
#include <utility>

namespace platform::order {
namespace {

bool has_product(const Content& content, const std::string& product_id) {
    return content.product_id == product_id ||
           std::ranges::contains(content.items, product_id, &events::Item::product_id);
}

}  // namespace

Result<std::map<OrderId, Order>> OrderStore::find_all(std::span<const OrderId> ids) {
    std::map<OrderId, Order> found;
    for (const OrderId& id : ids) {
        auto order = find(id);
        if (!order) return fail(std::move(order).error());
        if (*order) found.insert_or_assign(id, **std::move(order));
    }
    return found;
}

bool matches(const Order& order, const OrderStore::Query& query) {
    const SagaState state = order.state();
    return (!query.status || *query.status == status_of(state)) &&
           (!query.saga_state || *query.saga_state == state) &&
           (!query.user_id || *query.user_id == order.content.user_id) &&
           (!query.product_id || has_product(order.content, *query.product_id)) &&
           (!query.from || order.times.created >= *query.from) &&
           (!query.to || order.times.created < *query.to) && (!query.after || place_of(order) < *query.after);
}

OrderStore::Place place_of(const Order& order) {
    return {.created = order.times.created, .id = order.id};
}

}  // namespace platform::order
