#include "operator/control/platform_index.hpp"

#include "operator/api/fields.hpp"
#include "operator/api/order_platform.hpp"

#include <tuple>

namespace platform::control {

using api::text_at;

PlatformIndex::Entry PlatformIndex::read(const json::Value& object) {
    Entry entry{.created_at = text_at(object, "metadata.creationTimestamp")};
    // The generation counts changes of the spec; deletion, finalizers and annotations do not move it.
    entry.mark = text_at(object, "metadata.uid") + "/" +
                 std::to_string(api::integer_at(object, "metadata.generation").value_or(0)) + "/" +
                 text_at(object, "metadata.deletionTimestamp");
    if (const json::Value* finalizers = api::at(object, "metadata.finalizers")) {
        for (const json::Value& finalizer : finalizers->items()) entry.mark += "/" + finalizer.text();
    }
    if (const json::Value* annotations = api::at(object, "metadata.annotations")) {
        for (const auto& [name, value] : annotations->members())
            entry.mark += "/" + name + "=" + value.text();
    }
    return entry;
}

void PlatformIndex::replace_all(const std::vector<json::Value>& objects) {
    std::map<std::string, Entry> fresh;
    for (const json::Value& object : objects) fresh[text_at(object, "metadata.name")] = read(object);
    std::vector<std::string> touched;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [name, entry] : entries_) {
            if (!fresh.contains(name)) touched.push_back(name);
        }
        for (const auto& [name, entry] : fresh) touched.push_back(name);
        entries_ = std::move(fresh);
    }
    for (const std::string& name : touched) on_change_(name);
}

void PlatformIndex::changed(const json::Value& object) {
    const std::string name = text_at(object, "metadata.name");
    Entry entry = read(object);
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(name);
        if (found != entries_.end() && found->second.mark == entry.mark) return;
        entries_[name] = std::move(entry);
    }
    on_change_(name);
}

void PlatformIndex::deleted(const json::Value& object) {
    const std::string name = text_at(object, "metadata.name");
    std::vector<std::string> others;
    {
        const std::lock_guard lock(mutex_);
        entries_.erase(name);
        for (const auto& [other, entry] : entries_) others.push_back(other);
    }
    on_change_(name);
    // The namespace may have a new oldest one.
    for (const std::string& other : others) on_change_(other);
}

std::vector<std::string> PlatformIndex::names() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& [name, entry] : entries_) names.push_back(name);
    return names;
}

std::string PlatformIndex::older_than(const std::string& name, const std::string& created_at) const {
    const std::lock_guard lock(mutex_);
    const std::string* oldest = nullptr;
    const std::string* oldest_time = nullptr;
    for (const auto& [other, entry] : entries_) {
        if (other == name || std::tie(entry.created_at, other) >= std::tie(created_at, name)) continue;
        if (oldest && std::tie(*oldest_time, *oldest) <= std::tie(entry.created_at, other)) continue;
        oldest = &other;
        oldest_time = &entry.created_at;
    }
    return oldest ? *oldest : std::string{};
}

}  // namespace platform::control
