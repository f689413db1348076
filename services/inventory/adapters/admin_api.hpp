#pragma once
#include "services/inventory/domain/catalogue_store.hpp"
#include "shared/service/readers.hpp"
#include "shared/service/service_runtime.hpp"

#include <string>

namespace platform::inventory {

/// Changes by hand: PUT /api/inventory/{productId} makes or changes a product, POST /api/inventory/{productId}/adjustments its stock, once a key. They answer on the
/// management port; on the public one with 403, unless `open`.
class AdminApi {
public:
    struct Options {
        bool open = false;
    };
    AdminApi(Options options, CatalogueStore& store, service::Runtime& runtime);

private:
    void put_product(const http::Request& request, http::Responder responder);
    void adjust_stock(const http::Request& request, http::Responder responder);
    void mount(http::Server& server);
    void refuse_on(http::Server& server) const;
    [[nodiscard]] Result<http::Response> stored(const ProductWanted& wanted, const std::string& correlation_id);
    [[nodiscard]] Result<http::Response> adjusted(const AdjustmentWanted& wanted, const std::string& correlation_id);
    [[nodiscard]] Stamp stamp();

    CatalogueStore& store_;
    service::Runtime& runtime_;
    service::Readers workers_;
};

}  // namespace platform::inventory
