#include "operator/control/workloads.hpp"

#include "operator/api/fields.hpp"

#include <algorithm>

namespace platform::control {

using api::at;
using api::integer_at;
using api::text_at;

WorkloadState read_workload(const json::Value& object) {
    WorkloadState state;
    state.wanted = integer_at(object, "spec.replicas").value_or(1);
    const auto ready = integer_at(object, "status.readyReplicas").value_or(0);
    const auto updated = integer_at(object, "status.updatedReplicas").value_or(0);
    // A pod of the old version may be ready while the new one is not.
    state.ready = std::min(ready, updated);
    if (integer_at(object, "status.unavailableReplicas").value_or(0) > 0)
        state.ready = std::min(state.ready, state.wanted - 1);
    state.current = integer_at(object, "status.observedGeneration").value_or(0) >=
                    integer_at(object, "metadata.generation").value_or(0);
    if (const json::Value* conditions = at(object, "status.conditions")) {
        for (const json::Value& condition : conditions->items()) {
            if (text_at(condition, "type") == "Progressing" && text_at(condition, "status") == "False") {
                state.stuck = true;
                state.message = text_at(condition, "message");
            }
        }
    }
    return state;
}

void Workloads::replace_all(const std::vector<json::Value>& objects) {
    {
        const std::lock_guard lock(mutex_);
        states_.clear();
        for (const json::Value& object : objects)
            states_[text_at(object, "metadata.name")] = read_workload(object);
    }
    on_change_();
}

void Workloads::changed(const json::Value& object) {
    {
        const std::lock_guard lock(mutex_);
        states_[text_at(object, "metadata.name")] = read_workload(object);
    }
    on_change_();
}

void Workloads::deleted(const json::Value& object) {
    {
        const std::lock_guard lock(mutex_);
        states_.erase(text_at(object, "metadata.name"));
    }
    on_change_();
}

std::optional<WorkloadState> Workloads::find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = states_.find(name);
    if (found == states_.end()) return std::nullopt;
    return found->second;
}

}  // namespace platform::control
