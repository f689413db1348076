#pragma once
#include "services/inventory/domain/inventory_store.hpp"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace platform::inventory {

/// Stock in memory, held to the same contract suite as the MySQL adapter. One thread.
class FakeInventoryStore final : public InventoryStore {
public:
    Result<void> apply(std::span<const events::Event> batch, const Change& change) override {
        State after = state;
        std::vector<events::Event> told;
        std::vector<LedgerEntry> entries;
        for (const auto& event : batch) {
            if (is_answered(event.payload) && !after.inbox.insert(event.metadata.event_id).second) continue;
            Stocks stocks;
            for (const auto& [product, item] : after.items) stocks[product] = Stock{item.available, item.low_mark};
            auto effects = change(event, after.reservations[event.order_id], stocks);
            for (auto& [product, item] : after.items) {
                item.available += stocks.at(product).available_change();
                item.reserved += stocks.at(product).reserved_change();
            }
            entries.insert(entries.end(), effects.ledger.begin(), effects.ledger.end());
            told.insert(told.end(), effects.answers.begin(), effects.answers.end());
        }
        note(after, entries);
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
            const std::array first{LedgerEntry{
                .product_id = item.product_id,
                .order_id = {},
                .delta = item.available,
                .movement = Movement::Initial
            }};
            note(state, first);
        }
        return {};
    }

    struct State {
        std::map<std::string, Item> items;
        std::map<OrderId, std::optional<Reservation>> reservations;
        std::vector<LedgerRow> ledger;
        std::set<EventId> inbox;
    };
    State state;
    std::vector<events::Event> emitted;
    bool refuses_events = false;

private:
    static void note(State& into, std::span<const LedgerEntry> entries) {
        for (auto& row : ledger_rows(entries)) into.ledger.push_back(std::move(row));
    }
};

}  // namespace platform::inventory
