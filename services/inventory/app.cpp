#include "services/inventory/app.hpp"

#include "services/inventory/adapters/admin_api.hpp"
#include "services/inventory/adapters/inventory_api.hpp"
#include "services/inventory/adapters/mysql_catalogue_store.hpp"
#include "services/inventory/adapters/mysql_inventory_store.hpp"
#include "services/inventory/adapters/order_events_handler.hpp"
#include "services/inventory/config.hpp"
#include "services/inventory/migrations/migrations.hpp"

#include <memory>

namespace platform::inventory {
namespace {

/// Everything that this service adds to the runtime, in start order.
struct Service {
    Service(service::Runtime& runtime, const Config& config)
        : store(
              {.group = runtime.settings().kafka_group, .topic = runtime.settings().topics.inventory},
              runtime.pool(),
              runtime.relay()
          ),
          catalogue(runtime.settings().topics.inventory, runtime.pool(), runtime.relay()),
          dead_letters(runtime),
          handler(store, dead_letters, runtime.clock(), runtime.ids()),
          api(store, catalogue, runtime),
          admin({.open = config.admin_open}, catalogue, runtime) {
        runtime.consume("inventory-kafka", {runtime.settings().topics.order}, handler);
    }

    MysqlInventoryStore store;
    MysqlCatalogueStore catalogue;
    service::DeadLetters dead_letters;
    OrderEventsHandler handler;
    InventoryApi api;
    AdminApi admin;
};

}  // namespace

service::Program program() {
    return {
        .defaults = {.name = "inventory-service", .http_port = 8083, .database = "inventory_db", .pool_size = 5},
        .configure = [](config::Reader& reader) {
            const Config config = read_config(reader);
            return service::Program::Parts{
                .schema =
                    {.migrations = migrations(),
                     .seed = [config](mysql::Session& session) { return seed_items(session, config.seed); }},
                .wire = [config](service::Runtime& runtime) { return std::make_shared<Service>(runtime, config); },
            };
        },
    };
}

}  // namespace platform::inventory
