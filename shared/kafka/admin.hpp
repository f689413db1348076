#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace platform::kafka {

struct TopicSpec {
    std::string name;
    std::int32_t partitions = 3;
    std::int32_t replication_factor = 1;
    std::map<std::string, std::string> config;  ///< "retention.ms" -> "604800000"
};
struct TopicState {
    std::string name;
    std::int32_t partitions = 0;
    std::map<std::string, std::string> config;  ///< the keys that were asked for
};

/// Topics by librdkafka's admin API. Every call is bounded by `timeout`. Errors: Unavailable, Timeout, Denied, Invalid. A read error never means "absent".
/// Thread-safe.
class Admin {
public:
    Admin(const std::string& bootstrap_servers, const std::map<std::string, std::string>& extra, Duration timeout);
    ~Admin();
    Admin(const Admin&) = delete;
    Admin& operator=(const Admin&) = delete;

    /// Existing ones of `names`; the others are absent for certain.
    [[nodiscard]] Result<std::vector<TopicState>> describe(const std::vector<std::string>& names, const std::vector<std::string>& config_keys);
    /// "Already exists" is success.
    [[nodiscard]] Result<void> create(const std::vector<TopicSpec>& topics);
    [[nodiscard]] Result<void> grow_partitions(const std::string& topic, std::int32_t partitions);
    [[nodiscard]] Result<void> set_config(const std::string& topic, const std::map<std::string, std::string>& config);
    /// "Does not exist" is success.
    [[nodiscard]] Result<void> remove(const std::vector<std::string>& names);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::kafka
