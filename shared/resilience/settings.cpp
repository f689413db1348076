#include "shared/resilience/settings.hpp"

#include "shared/resilience/properties.hpp"

#include <algorithm>
#include <format>
#include <string_view>
#include <utility>
#include <vector>

namespace platform::resilience {
namespace {

using config::SettingError;
using properties::canonical;

constexpr const char* kRoot = "resilience4j";

CircuitBreaker::State state_named(std::string_view name) {
    using State = CircuitBreaker::State;
    for (const State state :
         {State::Closed, State::Open, State::HalfOpen, State::ForcedOpen, State::Disabled, State::MetricsOnly}) {
        if (name == to_string(state)) return state;
    }
    return State::Closed;
}

/// Says what is wrong with a property's name or value.
void check(const std::string& section, const std::string& property, const config::Leaf& leaf) {
    const auto* known = properties::find(section, property);
    if (known == nullptr) {
        const auto why = properties::why_not(property);
        if (why.empty()) throw SettingError(std::format("{}: there is no such property", leaf.written));
        throw SettingError(std::format("{}: is not supported: {}", leaf.written, why));
    }
    if (const auto expected = properties::fault_of(known->kind, leaf.value); !expected.empty()) {
        throw SettingError(std::format("{}: '{}' is not {}", leaf.written, leaf.value, expected));
    }
}

}  // namespace

/// Where an instance looks for its properties, nearest first.
class Settings::Chain {
public:
    Chain(const Settings& settings, const std::string& section, const std::string& instance) {
        const auto found = settings.sections_.find(section);
        if (found == settings.sections_.end()) return;
        const Blocks& configs = found->second.configs;
        const auto own = found->second.instances.find(canonical(instance));
        std::string base = "default";
        if (own != found->second.instances.end()) base = add(own->second).value_or(base);
        while (blocks_.size() <= configs.size() + 1) {
            const auto config = configs.find(canonical(base));
            if (config == configs.end()) return;  // check_configs() has seen that only `default` can be missing
            const auto next = add(config->second);
            if (!next) return;
            base = *next;
        }
    }

    [[nodiscard]] const Value* find(std::string_view property) const {
        for (const Block* block : blocks_) {
            const auto found = block->values.find(canonical(property));
            if (found != block->values.end()) return &found->second;
        }
        return nullptr;
    }
    void read(std::string_view property, int& out) const {
        read_as(property, out, [](const std::string& text) { return static_cast<int>(*properties::parse_number(text)); });
    }
    void read(std::string_view property, double& out) const {
        read_as(property, out, [](const std::string& text) { return *properties::parse_number(text); });
    }
    void read(std::string_view property, bool& out) const {
        read_as(property, out, [](const std::string& text) { return *properties::parse_flag(text); });
    }
    void read(std::string_view property, Duration& out) const {
        read_as(property, out, [](const std::string& text) { return *properties::parse_time(text); });
    }
    void read(std::string_view property, std::optional<Duration>& out) const {
        read_as(property, out, [](const std::string& text) { return *properties::parse_time(text); });
    }
    void read(std::string_view property, CircuitBreaker::State& out) const {
        read_as(property, out, [](const std::string& text) { return state_named(text); });
    }

private:
    /// Gives the base config that the block names.
    std::optional<std::string> add(const Block& block) {
        blocks_.push_back(&block);
        const auto base = block.values.find("baseconfig");
        return base == block.values.end() ? std::nullopt : std::optional(base->second.text);
    }
    /// Values were checked when they were taken.
    template <class T, class Parse>
    void read_as(std::string_view property, T& out, Parse parse) const {
        if (const Value* value = find(property)) out = parse(value->text);
    }

    std::vector<const Block*> blocks_;
};

Settings Settings::read(config::Reader& reader) {
    Settings settings;
    const auto leaves = reader.tree(kRoot);
    for (const auto& leaf : leaves) {
        if (leaf.path.size() != 1) settings.take(leaf);
    }
    for (const auto& leaf : leaves) {
        if (leaf.path.size() == 1) settings.take_variable(leaf);  // over the file
    }
    settings.check_configs();
    return settings;
}

Settings::Blocks* Settings::group(const std::string& section, const std::string& name) {
    if (properties::of_section(section).empty()) return nullptr;
    if (name == "configs") return &sections_[section].configs;
    if (name == "instances" || name == "backends") return &sections_[section].instances;
    return nullptr;
}

void Settings::take(const config::Leaf& leaf) {
    constexpr std::size_t kDepth = 4;  // section, group, name, property
    const std::string section = leaf.path.empty() ? "" : canonical(leaf.path.front());
    Blocks* blocks = leaf.path.size() == kDepth ? group(section, leaf.path[1]) : nullptr;
    if (blocks == nullptr) {
        throw SettingError(std::format("{}: there is no such setting, or it is not supported", leaf.written));
    }
    const std::string property = canonical(leaf.path[3]);
    check(section, property, leaf);
    Block& block = blocks->try_emplace(canonical(leaf.path[2]), Block{.name = leaf.path[2], .values = {}}).first->second;
    const auto [at, fresh] = block.values.emplace(property, Value{.text = leaf.value, .written = leaf.written});
    if (!fresh) throw SettingError(std::format("{}: is set before as {}", leaf.written, at->second.written));
}

/// SECTION_GROUP_NAME_PROPERTY: the longest property that the text ends with is meant; the rest is the name.
void Settings::take_variable(const config::Leaf& leaf) {
    const std::string& text = leaf.path.front();
    const auto first = text.find('_');
    const auto second = first == std::string::npos ? first : text.find('_', first + 1);
    const auto fault = [&](const char* why) { return SettingError(std::format("{}: {}", leaf.written, why)); };
    if (second == std::string::npos) throw fault("there is no such setting");
    const std::string section = canonical(text.substr(0, first));
    Blocks* blocks = group(section, canonical(text.substr(first + 1, second - first - 1)));
    if (blocks == nullptr) throw fault("there is no such setting, or it is not supported");
    const std::string rest = canonical(text.substr(second + 1));
    std::string property;
    for (const auto& known : properties::of_section(section)) {
        const std::string name = canonical(known.name);
        if (rest.size() > name.size() && rest.ends_with(name) && name.size() > property.size()) property = name;
    }
    if (property.empty()) throw fault("there is no such property, or it is not supported");
    check(section, property, leaf);
    const std::string name = rest.substr(0, rest.size() - property.size());
    Block& block = blocks->try_emplace(name, Block{.name = name, .values = {}}).first->second;
    block.values.insert_or_assign(property, Value{.text = leaf.value, .written = leaf.written});
}

void Settings::check_configs() const {
    for (const auto& [name, section] : sections_) {
        const auto check_base = [&](const Block& block) {
            std::size_t steps = 0;
            for (const Block* at = &block; at != nullptr;) {
                const auto base = at->values.find("baseconfig");
                if (base == at->values.end()) return;
                const auto next = section.configs.find(canonical(base->second.text));
                if (next == section.configs.end()) {
                    throw SettingError(std::format("{}: there is no config '{}'", base->second.written, base->second.text));
                }
                if (++steps > section.configs.size()) {
                    throw SettingError(std::format("{}: leads back to itself", base->second.written));
                }
                at = &next->second;
            }
        };
        for (const auto& [key, block] : section.configs) check_base(block);
        for (const auto& [key, block] : section.instances) check_base(block);
    }
}

CircuitBreaker::Options Settings::circuit_breaker(const std::string& name, CircuitBreaker::Options usual) const {
    const Chain chain(*this, "circuitbreaker", name);
    if (const Value* type = chain.find("slidingWindowType")) {
        usual.sliding_window_type =
            type->text == "TIME_BASED" ? SlidingWindow::Type::TimeBased : SlidingWindow::Type::CountBased;
    }
    chain.read("slidingWindowSize", usual.sliding_window_size);
    chain.read("minimumNumberOfCalls", usual.minimum_number_of_calls);
    chain.read("failureRateThreshold", usual.failure_rate_threshold);
    chain.read("slowCallRateThreshold", usual.slow_call_rate_threshold);
    chain.read("slowCallDurationThreshold", usual.slow_call_duration_threshold);
    chain.read("waitDurationInOpenState", usual.wait_duration_in_open_state);
    chain.read("enableExponentialBackoff", usual.enable_exponential_backoff);
    chain.read("exponentialBackoffMultiplier", usual.exponential_backoff_multiplier);
    chain.read("exponentialMaxWaitDurationInOpenState", usual.exponential_max_wait_duration_in_open_state);
    chain.read("enableRandomizedWait", usual.enable_randomized_wait);
    chain.read("randomizedWaitFactor", usual.randomized_wait_factor);
    chain.read("permittedNumberOfCallsInHalfOpenState", usual.permitted_number_of_calls_in_half_open_state);
    chain.read("maxWaitDurationInHalfOpenState", usual.max_wait_duration_in_half_open_state);
    chain.read("transitionToStateAfterWaitDuration", usual.transition_to_state_after_wait_duration);
    chain.read("automaticTransitionFromOpenToHalfOpenEnabled", usual.automatic_transition_from_open_to_half_open_enabled);
    chain.read("initialState", usual.initial_state);
    chain.read("registerHealthIndicator", usual.register_health_indicator);
    chain.read("allowHealthIndicatorToFail", usual.allow_health_indicator_to_fail);
    return usual;
}

Retry::Options Settings::retry(const std::string& name, Retry::Options usual) const {
    const Chain chain(*this, "retry", name);
    if (const Value* attempts = chain.find("maxAttempts"); attempts != nullptr && usual.without_limit) {
        throw SettingError(
            std::format("{}: does not hold for {}, which tries again without limit", attempts->written, name)
        );
    }
    chain.read("maxAttempts", usual.max_attempts);
    chain.read("waitDuration", usual.wait_duration);
    chain.read("enableExponentialBackoff", usual.enable_exponential_backoff);
    chain.read("exponentialBackoffMultiplier", usual.exponential_backoff_multiplier);
    chain.read("exponentialMaxWaitDuration", usual.exponential_max_wait_duration);
    chain.read("enableRandomizedWait", usual.enable_randomized_wait);
    chain.read("randomizedWaitFactor", usual.randomized_wait_factor);
    return usual;
}

Bulkhead::Options Settings::bulkhead(const std::string& name, Bulkhead::Options usual) const {
    const Chain chain(*this, "bulkhead", name);
    chain.read("maxConcurrentCalls", usual.max_concurrent_calls);
    chain.read("maxWaitDuration", usual.max_wait_duration);
    return usual;
}

RateLimiter::Options Settings::rate_limiter(const std::string& name, RateLimiter::Options usual) const {
    const Chain chain(*this, "ratelimiter", name);
    chain.read("limitForPeriod", usual.limit_for_period);
    chain.read("limitRefreshPeriod", usual.limit_refresh_period);
    chain.read("timeoutDuration", usual.timeout_duration);
    return usual;
}

TimeLimiter::Options Settings::time_limiter(const std::string& name, TimeLimiter::Options usual) const {
    const Chain chain(*this, "timelimiter", name);
    chain.read("timeoutDuration", usual.timeout_duration);
    return usual;
}

void Settings::check_instances(const std::map<std::string, std::set<std::string>>& known) const {
    for (const auto& [section, blocks] : sections_) {
        std::string names;
        std::set<std::string> allowed;
        if (const auto found = known.find(section); found != known.end()) {
            for (const auto& name : found->second) {
                allowed.insert(canonical(name));
                names += (names.empty() ? "" : ", ") + name;
            }
        }
        for (const auto& [key, block] : blocks.instances) {
            if (allowed.contains(key) || block.values.empty()) continue;
            throw SettingError(std::format(
                "{}: this program has no such instance; it has: {}",
                block.values.begin()->second.written,
                names.empty() ? "none" : names
            ));
        }
    }
}

}  // namespace platform::resilience
