#pragma once
#include "operator/control/reflector.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace platform::control {

/// How far a Deployment or StatefulSet has come.
struct WorkloadState {
    std::int64_t wanted = 0;
    std::int64_t ready = 0;  ///< of the current version
    bool current = false;    ///< the controller has seen the latest spec
    bool stuck = false;      ///< a Deployment past its progress deadline
    std::string message{};   ///< why it is stuck
    [[nodiscard]] bool is_ready() const { return current && ready >= wanted; }
};

/// The state of the workloads of one kind by name, kept by a Reflector; tells of each change. Thread-safe.
class Workloads final : public ObjectSink {
public:
    explicit Workloads(std::function<void()> on_change) : on_change_(std::move(on_change)) {}

    void replace_all(const std::vector<json::Value>& objects) override;
    void changed(const json::Value& object) override;
    void deleted(const json::Value& object) override;

    [[nodiscard]] std::optional<WorkloadState> find(const std::string& name) const;

private:
    std::function<void()> on_change_;
    mutable std::mutex mutex_;
    std::map<std::string, WorkloadState> states_;  // guarded by mutex_
};

/// Reads the state of a Deployment or StatefulSet.
[[nodiscard]] WorkloadState read_workload(const json::Value& object);

}  // namespace platform::control
