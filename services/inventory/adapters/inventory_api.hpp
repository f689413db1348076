#pragma once
#include "services/inventory/domain/catalogue_store.hpp"
#include "services/inventory/domain/inventory_store.hpp"
#include "shared/service/readers.hpp"
#include "shared/service/service_runtime.hpp"

namespace platform::inventory {

/// GET /api/inventory/{productId}: a product and its stock. GET /api/inventory?after=&limit=: the products in order of their ids.
/// GET /api/inventory/{productId}/movements?before=&limit=: how its stock came about, the newest first.
class InventoryApi {
public:
    InventoryApi(InventoryStore& store, CatalogueStore& catalogue, service::Runtime& runtime);

private:
    void show(const http::Request& request, http::Responder responder);
    void list(const http::Request& request, http::Responder responder);
    void movements(const http::Request& request, http::Responder responder);

    InventoryStore& store_;
    CatalogueStore& catalogue_;
    service::Readers readers_;
};

}  // namespace platform::inventory
