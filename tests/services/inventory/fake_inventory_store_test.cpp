#include "tests/services/inventory/fake_inventory_store.hpp"

#include "tests/services/inventory/store_contract.hpp"

namespace platform::inventory {
namespace {

class FakeDriver {
public:
    InventoryStore& store() { return store_; }
    [[nodiscard]] std::multiset<std::string> told() const { return test::encoded(store_.emitted); }
    [[nodiscard]] std::int64_t ledger_sum(const std::string& product) const {
        std::int64_t sum = 0;
        for (const auto& entry : store_.state.ledger) sum += entry.product_id == product ? entry.delta : 0;
        return sum;
    }
    [[nodiscard]] std::int64_t movements() const {
        return static_cast<std::int64_t>(store_.state.ledger.size());
    }
    void empty_inbox() { store_.state.inbox.clear(); }
    void refuse_events(bool refuse) { store_.refuses_events = refuse; }

private:
    FakeInventoryStore store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Fake, InventoryStoreContract, FakeDriver);

}  // namespace
}  // namespace platform::inventory
