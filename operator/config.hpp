#pragma once
#include "operator/reconcile/desired.hpp"
#include "shared/config/settings.hpp"
#include "shared/core/clock.hpp"
#include "shared/telemetry/log.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace platform::operators {

/// Every setting of the operator. Immutable.
struct Config {
    std::string http_host;
    std::uint16_t http_port = 8080;
    std::uint16_t management_port = 8180;  ///< on 127.0.0.1 alone
    log::Level log_level = log::Level::Info;
    std::string name_space;
    std::string api_url;
    std::string token_file;
    std::string ca_file;
    std::string helm;
    std::string helm_home;
    std::string helm_service_account;
    Duration helm_timeout{};
    std::string charts;
    Duration resync{};
    Duration kafka_timeout{};
    reconcile::Defaults defaults;

    std::vector<config::Row> rows;  ///< what --settings prints
};

/// Throws config::SettingError.
[[nodiscard]] Config read_config(const config::Source& source);

}  // namespace platform::operators
