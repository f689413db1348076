#include "services/inventory/config.hpp"

#include "shared/events/events.hpp"

#include <charconv>
#include <set>
#include <string>

namespace platform::inventory {
namespace {

Item parse_item(const std::string& part) {
    const auto refuse = [&] {
        return config::SettingError("INVENTORY_SEED: '" + part + "' is not PRODUCT:COUNT with a count of 0 or more");
    };
    const auto colon = part.rfind(':');
    if (colon == std::string::npos) throw refuse();
    Item item{.product_id = part.substr(0, colon), .available = 0, .reserved = 0};
    const char* end = part.data() + part.size();
    const auto [stop, error] = std::from_chars(part.data() + colon + 1, end, item.available);
    if (!events::valid_product_id(item.product_id) || error != std::errc{} || stop != end || item.available < 0) {
        throw refuse();
    }
    return item;
}

}  // namespace

Config read_config(config::Reader& reader) {
    Config config;
    std::set<std::string> seen;
    const auto parts = reader.list(
        {.name = "INVENTORY_SEED",
         .meaning = "products that --migrate adds when they do not exist, as PRODUCT:COUNT,...; for evaluation",
         .fallback = "",
         .unit = "pieces"}
    );
    for (const auto& part : parts) {
        config.seed.push_back(parse_item(part));
        if (!seen.insert(config.seed.back().product_id).second) {
            throw config::SettingError("INVENTORY_SEED: " + config.seed.back().product_id + " is named twice");
        }
    }
    const auto admin = reader.choice(
        {.name = "ADMIN_API",
         .meaning = "where catalogue and stock can be changed by hand: management (the loopback port alone) or open (the public port "
                    "too, for a gateway that checks who asks)",
         .fallback = "management"},
        {"management", "open"}
    );
    config.admin_open = admin == "open";
    return config;
}

}  // namespace platform::inventory
