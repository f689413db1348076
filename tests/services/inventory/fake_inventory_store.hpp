#pragma once
#include "services/inventory/domain/inventory_store.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace platform::inventory {

/// Stock in memory, held to the same contract suite as the MySQL adapter. One thread.
class FakeInventoryStore final : public InventoryStore {
public:
    Result<void> apply(std::span<const events::Event> batch, const Change& change) override {
        State after = state;
        std::vector<events::Event> told;
        for (const auto& event : batch) {
            if (!after.inbox.insert(event.metadata.event_id).second) continue;
            auto& reservation = after.reservations[event.order_id];
            const auto item = after.items.find(product_of(event, reservation));
            Stock stock = item == after.items.end() ? Stock{} : Stock{item->second.available};
            auto effects = change(event, reservation, stock);
            if (item != after.items.end()) {
                item->second.available += stock.available_change();
                item->second.reserved += stock.reserved_change();
            }
            after.ledger.insert(after.ledger.end(), effects.ledger.begin(), effects.ledger.end());
            told.insert(told.end(), effects.answers.begin(), effects.answers.end());
        }
        if (refuses_events && !told.empty()) return fail(ErrorKind::Unavailable, "broken on purpose");
        state = std::move(after);
        emitted.insert(emitted.end(), told.begin(), told.end());
        return {};
    }
    Result<std::optional<Item>> find(const std::string& product_id) override {
        const auto found = state.items.find(product_id);
        return found == state.items.end() ? std::nullopt : std::optional(found->second);
    }
    Result<std::vector<Item>> list(const std::string& after, std::size_t limit) override {
        std::vector<Item> page;
        for (auto item = state.items.upper_bound(after); item != state.items.end() && page.size() < limit;
             ++item) {
            page.push_back(item->second);
        }
        return page;
    }
    Result<void> seed(std::span<const Item> items) override {
        for (const auto& item : items) {
            if (!state.items.emplace(item.product_id, item).second) continue;
            state.ledger.push_back(
                {.product_id = item.product_id,
                 .order_id = {},
                 .delta = item.available,
                 .movement = Movement::Initial}
            );
        }
        return {};
    }

    struct State {
        std::map<std::string, Item> items;
        std::map<OrderId, std::optional<Reservation>> reservations;
        std::vector<LedgerEntry> ledger;
        std::set<EventId> inbox;
    };
    State state;
    std::vector<events::Event> emitted;
    bool refuses_events = false;
};

}  // namespace platform::inventory
