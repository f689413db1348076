#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace platform::tracing {

/// Which side of which exchange a span stands for.
enum class Kind : std::uint8_t { Internal, Server, Client, Producer, Consumer };

/// Port: one span on its way to where spans are kept. Its destructor ends it. One thread at a time.
class Recording {
public:
    Recording() = default;
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;
    virtual ~Recording() = default;

    virtual void set(std::string_view name, std::string_view value) = 0;
    virtual void set(std::string_view name, std::int64_t value) = 0;
    virtual void fail(std::string_view why) = 0;
    [[nodiscard]] virtual const std::string& traceparent() const = 0;
};

/// One piece of work in a trace, from its making to end(). Empty when nobody records it: then every call is a look at a null pointer.
/// Names of attributes are those of OpenTelemetry's semantic conventions. Movable. One thread at a time.
class Span {
public:
    Span() = default;
    explicit Span(std::unique_ptr<Recording> recording) : recording_(std::move(recording)) {}

    explicit operator bool() const { return recording_ != nullptr; }

    template <class Value>
    void set(std::string_view name, const Value& value) {
        if (recording_) recording_->set(name, value);
    }
    /// The work did not succeed.
    void fail(std::string_view why) {
        if (recording_) recording_->fail(why);
    }
    /// What work that this one causes gets as its parent; empty when nobody records.
    [[nodiscard]] std::string traceparent() const { return recording_ ? recording_->traceparent() : std::string{}; }
    void end() { recording_.reset(); }

private:
    std::unique_ptr<Recording> recording_;
};

}  // namespace platform::tracing
