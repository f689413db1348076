#pragma once
#include "operator/control/reflector.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace platform::control {

/// The OrderPlatforms of the namespace by name, and who of them is the oldest. Tells of changes that are
/// worth a look: our own writes to the status are not. Thread-safe.
class PlatformIndex final : public ObjectSink {
public:
    explicit PlatformIndex(std::function<void(const std::string& name)> on_change)
        : on_change_(std::move(on_change)) {}

    void replace_all(const std::vector<json::Value>& objects) override;
    void changed(const json::Value& object) override;
    void deleted(const json::Value& object) override;

    [[nodiscard]] std::vector<std::string> names() const;
    /// The oldest of the others when it is older than the one named; equal ages are told apart by name. Empty
    /// = there is none.
    [[nodiscard]] std::string older_than(const std::string& name, const std::string& created_at) const;

private:
    struct Entry {
        std::string created_at{};
        std::string mark{};  ///< changes when somebody else changed something
    };
    static Entry read(const json::Value& object);

    std::function<void(const std::string&)> on_change_;
    mutable std::mutex mutex_;
    std::map<std::string, Entry> entries_;  // guarded by mutex_
};

}  // namespace platform::control
