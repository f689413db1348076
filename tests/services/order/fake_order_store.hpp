#pragma once
#include "services/order/domain/order_store.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace platform::order {

/// Orders in memory, held to the same contract suite as the MySQL adapter; it can be told to fail. One
/// thread.
class FakeOrderStore final : public OrderStore {
public:
    /// How the next insert goes wrong.
    struct Trouble {
        Error error;
        bool stored_all_the_same = false;
    };

    Result<void> insert(std::span<const NewOrder> wanted) override {
        inserts.push_back(std::vector<NewOrder>(wanted.begin(), wanted.end()));
        if (before_insert) before_insert();
        std::optional<Trouble> trouble;
        if (!troubles.empty()) {
            trouble = troubles.front();
            troubles.pop_front();
            if (!trouble->stored_all_the_same) return fail(trouble->error);
        }
        std::set<OrderId> ids;
        std::set<IdempotencyKey> new_keys;
        for (const NewOrder& one : wanted) {
            const bool known = orders.contains(one.order.id) || !ids.insert(one.order.id).second;
            const bool key_known = one.key && (keys.contains(*one.key) || !new_keys.insert(*one.key).second);
            if (known || key_known) return fail(ErrorKind::Conflict, "duplicate");
        }
        for (const NewOrder& one : wanted) {
            orders.emplace(one.order.id, one.order);
            if (one.key) keys.emplace(*one.key, one.order.id);
            emitted.push_back(created_event(one.order));
        }
        if (trouble) return fail(trouble->error);
        return {};
    }

    Result<std::vector<std::optional<Order>>> find_placed(std::span<const NewOrder> wanted) override {
        if (unreadable) return fail(ErrorKind::Unavailable, "broken on purpose");
        std::vector<std::optional<Order>> found;
        for (const NewOrder& one : wanted) {
            OrderId id = one.order.id;
            if (one.key) {
                if (const auto key = keys.find(*one.key); key != keys.end()) id = key->second;
            }
            const auto order = orders.find(id);
            found.push_back(order == orders.end() ? std::nullopt : std::optional(order->second));
        }
        return found;
    }

    Result<void> change(std::span<const Occasion> occasions, const Change& apply) override {
        const auto before = std::tuple(orders, inbox, emitted);
        for (std::size_t i = 0; i < occasions.size(); ++i) {
            const auto& event = occasions[i].event_id;
            if (event && !inbox.insert(*event).second) continue;
            const auto found = orders.find(occasions[i].order_id);
            std::optional<Order> order;
            if (found != orders.end()) order = found->second;
            for (auto& one : apply(i, order)) emitted.push_back(std::move(one));
            if (order) orders.insert_or_assign(occasions[i].order_id, *order);
        }
        if (!unchangeable) return {};
        std::tie(orders, inbox, emitted) = before;  // the COMMIT failed
        return fail(ErrorKind::Unavailable, "broken on purpose");
    }

    Result<std::vector<Due>> take_due(std::size_t limit, Duration /*first_pause*/) override {
        if (unreadable) return fail(ErrorKind::Unavailable, "broken on purpose");
        std::vector<Due> page;
        while (!due.empty() && page.size() < limit) {
            page.push_back(due.front());
            page.back().order = orders.at(due.front().order.id);
            due.pop_front();
        }
        return page;
    }

    Result<std::optional<Order>> find(const OrderId& id) override {
        if (unreadable) return fail(ErrorKind::Unavailable, "broken on purpose");
        const auto order = orders.find(id);
        return order == orders.end() ? std::nullopt : std::optional(order->second);
    }

    Result<std::vector<Order>> list(const Query& query) override {
        std::vector<Order> page;
        for (const auto& [id, order] : orders) {
            if (matches(order, query)) page.push_back(order);
        }
        std::ranges::sort(page, std::greater<>{}, place_of);
        if (page.size() > query.limit) page.resize(query.limit);
        return page;
    }

    std::map<OrderId, Order> orders;
    std::map<IdempotencyKey, OrderId> keys;
    std::set<EventId> inbox;
    std::vector<events::Event> emitted;
    std::vector<std::vector<NewOrder>> inserts;  ///< every insert that was tried
    std::deque<Trouble> troubles;
    std::deque<Due> due;
    std::function<void()> before_insert;
    bool unreadable = false;
    bool unchangeable = false;
};

}  // namespace platform::order
