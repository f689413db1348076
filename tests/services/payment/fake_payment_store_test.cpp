#include "tests/services/payment/fake_payment_store.hpp"

#include "tests/services/payment/store_contract.hpp"

namespace platform::payment {
namespace {

class FakeDriver {
public:
    PaymentStore& store() { return store_; }
    void pass(Duration time) { store_.pass(time); }
    [[nodiscard]] std::multiset<std::string> told() const { return test::encoded(store_.emitted); }
    void refuse_events(bool refuse) { store_.refuses_events = refuse; }

private:
    FakePaymentStore store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Fake, PaymentStoreContract, FakeDriver);

}  // namespace
}  // namespace platform::payment
