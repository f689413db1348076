#pragma once
#include "operator/reconcile/model.hpp"

#include <vector>

namespace platform::reconcile {

/// The users of the services at Kafka, each with the topics and groups that its service needs. Pure.
[[nodiscard]] std::vector<KafkaUserWanted> kafka_users();

}  // namespace platform::reconcile
