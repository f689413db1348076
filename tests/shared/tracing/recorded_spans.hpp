#pragma once
#include "shared/tracing/tracer.hpp"

#include <atomic>
#include <format>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace platform::tracing::test {

inline const std::string kSampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
inline const std::string kNotSampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

/// A span that ended.
struct Ended {
    Kind kind = Kind::Internal;
    std::string name;
    std::string parent;
    std::string traceparent;
    std::map<std::string, std::string> attributes;
    bool failed = false;
    std::string why;
};

/// A recorder that keeps everything, with the tracer in front of it. Thread-safe.
class RecordedSpans {
public:
    RecordedSpans() : tracer_(std::make_unique<Keeper>(shared_)) {}

    [[nodiscard]] const Tracer& tracer() const { return tracer_; }
    /// In the order in which they ended.
    [[nodiscard]] std::vector<Ended> ended() const {
        const std::lock_guard lock(shared_->mutex);
        return shared_->ended;
    }
    /// How many were made, ended or not.
    [[nodiscard]] int made() const { return shared_->made; }
    /// Whether traces that begin here are recorded.
    void sample_new_ones(bool yes) { shared_->samples = yes; }

private:
    struct Shared {
        std::mutex mutex;
        std::vector<Ended> ended;  // guarded by mutex
        std::atomic<int> made{0};
        std::atomic<bool> samples{true};
    };

    class Open final : public Recording {
    public:
        Open(std::shared_ptr<Shared> shared, Ended span) : shared_(std::move(shared)), span_(std::move(span)) {}
        ~Open() override {
            const std::lock_guard lock(shared_->mutex);
            shared_->ended.push_back(std::move(span_));
        }
        Open(const Open&) = delete;
        Open& operator=(const Open&) = delete;
        void set(std::string_view name, std::string_view value) override { span_.attributes[std::string(name)] = value; }
        void set(std::string_view name, std::int64_t value) override { span_.attributes[std::string(name)] = std::to_string(value); }
        void fail(std::string_view why) override {
            span_.failed = true;
            span_.why = why;
        }
        [[nodiscard]] const std::string& traceparent() const override { return span_.traceparent; }

    private:
        std::shared_ptr<Shared> shared_;  // with whoever looks at what ended
        Ended span_;
    };

    class Keeper final : public Recorder {
    public:
        explicit Keeper(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
        [[nodiscard]] std::unique_ptr<Recording> record(Kind kind, std::string_view name, std::string_view parent) override {
            if (parent.empty() && !shared_->samples) return nullptr;
            const int number = ++shared_->made;
            const std::string trace = parent.empty() ? std::format("{:032x}", number) : std::string(parent.substr(3, 32));
            return std::make_unique<Open>(
                shared_,
                Ended{
                    .kind = kind,
                    .name = std::string(name),
                    .parent = std::string(parent),
                    .traceparent = std::format("00-{}-{:016x}-01", trace, number),
                    .attributes = {},
                    .failed = false,
                    .why = {},
                }
            );
        }
        void shut_down(Duration /*within*/) override {}

    private:
        std::shared_ptr<Shared> shared_;
    };

    std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();  // with the recorder, whom the tracer owns
    Tracer tracer_;
};

}  // namespace platform::tracing::test
