#include "tests/services/notification/fake_message_store.hpp"

#include "tests/services/notification/store_contract.hpp"

namespace platform::notification {
namespace {

class FakeDriver {
public:
    MessageStore& store() { return store_; }
    void pass(Duration time) { store_.pass(time); }
    void die() { store_.die(); }
    [[nodiscard]] std::multiset<std::string> told() const { return test::encoded(store_.emitted); }
    void refuse_events(bool refuse) { store_.refuses_events = refuse; }

private:
    FakeMessageStore store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Fake, MessageStoreContract, FakeDriver);

}  // namespace
}  // namespace platform::notification
