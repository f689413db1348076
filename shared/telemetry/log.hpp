#pragma once
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

/// JSON lines on standard error: {"time","level","service","message",<fields>}. Messages are constant sentences. Thread-safe.
/// Repeats of one message beyond `kRepeatsPerSecond` a second are counted, not written; the next line says how many ("suppressed").
namespace platform::log {

enum class Level : std::uint8_t { Debug, Info, Warn, Error };

class Field {
public:
    template <class T>
    Field(std::string_view name, const T& value) : name_(name), value_(convert(value)) {}

    [[nodiscard]] std::string_view name() const { return name_; }
    using Value = std::variant<std::string, std::int64_t, double, bool>;
    [[nodiscard]] const Value& value() const { return value_; }

private:
    template <class T>
    static Value convert(const T& value) {
        if constexpr (std::same_as<T, bool>) {
            return value;
        } else if constexpr (std::integral<T>) {
            return static_cast<std::int64_t>(value);
        } else if constexpr (std::floating_point<T>) {
            return static_cast<double>(value);
        } else {
            return std::string(std::string_view(value));
        }
    }
    std::string_view name_;
    Value value_;
};
using Fields = std::initializer_list<Field>;

inline constexpr int kRepeatsPerSecond = 20;

/// Call once in main before any thread. `service` stands in every line.
void configure(std::string_view service, Level threshold);
void set_threshold(Level threshold);
[[nodiscard]] Level threshold();
/// "debug", "info", "warn", "error"; anything else gives Info and false.
bool parse_level(std::string_view text, Level& out);

void debug(std::string_view message, Fields fields = {});
void info(std::string_view message, Fields fields = {});
void warn(std::string_view message, Fields fields = {});
void error(std::string_view message, Fields fields = {});

/// The correlation id that lines of this thread carry while it lives.
class CorrelationScope {
public:
    explicit CorrelationScope(std::string_view correlation_id);
    ~CorrelationScope();
    CorrelationScope(const CorrelationScope&) = delete;
    CorrelationScope& operator=(const CorrelationScope&) = delete;

private:
    std::string previous_;
};

}  // namespace platform::log
