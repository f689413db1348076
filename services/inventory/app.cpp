#include "services/inventory/app.hpp"

#include "services/inventory/adapters/inventory_api.hpp"
#include "services/inventory/adapters/mysql_inventory_store.hpp"
#include "services/inventory/adapters/order_events_handler.hpp"
#include "services/inventory/config.hpp"
#include "services/inventory/migrations/migrations.hpp"

#include <memory>

namespace platform::inventory {
namespace {

/// Everything that this service adds to the runtime, in start order.
struct Service {
    explicit Service(service::Runtime& runtime)
        : store(
              {.group = runtime.settings().kafka_group, .topic = runtime.settings().topics.inventory},
              runtime.pool(),
              runtime.relay()
          ),
          dead_letters(
              runtime.settings().kafka_group,
              runtime.settings().topics.dead_letter_suffix,
              runtime.pool(),
              runtime.relay(),
              runtime.ids()
          ),
          handler(store, dead_letters, runtime.clock(), runtime.ids()),
          api(store, runtime) {
        runtime.consume("inventory-kafka", {runtime.settings().topics.order}, handler);
    }

    MysqlInventoryStore store;
    service::DeadLetters dead_letters;
    OrderEventsHandler handler;
    InventoryApi api;
};

}  // namespace

service::Program program() {
    return {
        .defaults = {.name = "inventory-service", .http_port = 8083, .database = "inventory_db", .pool_size = 4},
        .configure = [](config::Reader& reader) {
            const Config config = read_config(reader);
            return service::Program::Parts{
                .schema =
                    {.migrations = migrations(),
                     .seed = [config](mysql::Session& session) { return seed_items(session, config.seed); }},
                .wire = [](service::Runtime& runtime) { return std::make_shared<Service>(runtime); },
            };
        },
    };
}

}  // namespace platform::inventory
