#include "tests/services/order/fake_order_store.hpp"

#include "tests/services/order/adapters/order_store_contract.hpp"

#include <algorithm>

namespace platform::order {
namespace {

class FakeSubject final : public StoreUnderTest {
public:
    OrderStore& store() override { return store_; }
    std::vector<std::string> told() override {
        std::vector<std::string> types;
        for (const auto& event : store_.emitted) types.emplace_back(events::type_name(event.payload));
        std::ranges::sort(types);
        return types;
    }

private:
    FakeOrderStore store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Fake, OrderStoreContract, FakeSubject);

}  // namespace
}  // namespace platform::order
