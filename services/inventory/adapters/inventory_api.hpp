#pragma once
#include "services/inventory/domain/inventory_store.hpp"
#include "shared/service/readers.hpp"
#include "shared/service/service_runtime.hpp"

namespace platform::inventory {

/// GET /api/inventory/{productId}: the stock of a product. GET /api/inventory?after=&limit=: the products in order of their ids.
class InventoryApi {
public:
    InventoryApi(InventoryStore& store, service::Runtime& runtime);

private:
    void show(const http::Request& request, http::Responder responder);
    void list(const http::Request& request, http::Responder responder);

    InventoryStore& store_;
    service::Readers readers_;
};

}  // namespace platform::inventory
