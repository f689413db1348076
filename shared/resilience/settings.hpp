#pragma once
#include "shared/config/settings.hpp"
#include "shared/resilience/bulkhead.hpp"
#include "shared/resilience/circuit_breaker.hpp"
#include "shared/resilience/rate_limiter.hpp"
#include "shared/resilience/retry.hpp"
#include "shared/resilience/time_limiter.hpp"

#include <map>
#include <set>
#include <string>

namespace platform::resilience {

/// The tree of Resilience4j's settings, strict:
///   resilience4j.{circuitbreaker,retry,bulkhead,ratelimiter,timelimiter}.{configs,instances}.<name>.<property>
/// in the file of CONFIG_FILE, camelCase or kebab-case, or as variables in Spring's form (RESILIENCE4J_RETRY_INSTANCES_NAME_MAXATTEMPTS; dashes of the name
/// left out or underscores). An instance takes a property from itself, its `baseConfig`, else the config `default`, else from the program. A key that is not
/// known or not supported is refused with its name. Immutable once read.
class Settings {
public:
    Settings() = default;

    /// Throws config::SettingError, as all of the below.
    [[nodiscard]] static Settings read(config::Reader& reader);

    [[nodiscard]] CircuitBreaker::Options circuit_breaker(const std::string& name, CircuitBreaker::Options usual) const;
    [[nodiscard]] Retry::Options retry(const std::string& name, Retry::Options usual) const;
    [[nodiscard]] Bulkhead::Options bulkhead(const std::string& name, Bulkhead::Options usual) const;
    [[nodiscard]] RateLimiter::Options rate_limiter(const std::string& name, RateLimiter::Options usual) const;
    [[nodiscard]] TimeLimiter::Options time_limiter(const std::string& name, TimeLimiter::Options usual) const;

    /// Which instances a program has, by section ("retry"). Throws for one in the tree that it has not: its settings would do nothing.
    void check_instances(const std::map<std::string, std::set<std::string>>& known) const;

private:
    struct Value {
        std::string text;
        std::string written;
    };
    struct Block {
        std::string name;                     ///< as written
        std::map<std::string, Value> values;  ///< by the property's name without case and dashes
    };
    using Blocks = std::map<std::string, Block>;  ///< by name without case and dashes
    struct Section {
        Blocks configs;
        Blocks instances;
    };
    class Chain;
    void take(const config::Leaf& leaf);
    void take_variable(const config::Leaf& leaf);
    [[nodiscard]] Blocks* group(const std::string& section, const std::string& name);
    void check_configs() const;

    std::map<std::string, Section> sections_;
};

}  // namespace platform::resilience
