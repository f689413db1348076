#include "tests/shared/kafka/broker_driver.hpp"
#include "tests/shared/kafka/contract.hpp"

#include <gtest/gtest.h>

namespace platform::kafka {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(Broker, KafkaContract, BrokerDriver);

}  // namespace
}  // namespace platform::kafka
