#include "tests/shared/outbox/fake_outbox_store.hpp"

#include "tests/shared/outbox/store_contract.hpp"

namespace platform::outbox {
namespace {

class FakeDriver {
public:
    OutboxStore& store() { return store_; }
    void insert(const std::vector<OutboxRow>& rows, const Claim& claim) { store_.insert(rows, claim); }
    void pass(Duration time) { clock_.advance(time); }

private:
    FakeClock clock_;
    FakeOutboxStore store_{clock_};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Fake, OutboxStoreContract, FakeDriver);

}  // namespace
}  // namespace platform::outbox
