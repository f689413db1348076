#pragma once
#include "services/notification/domain/message_store.hpp"
#include "shared/service/readers.hpp"
#include "shared/service/service_runtime.hpp"

namespace platform::notification {

/// GET /api/notifications?orderId=<uuid>: what the customer of an order was told, oldest first.
class NotificationApi {
public:
    NotificationApi(MessageStore& store, service::Runtime& runtime);

private:
    MessageStore& store_;
    service::Readers readers_;
};

}  // namespace platform::notification
