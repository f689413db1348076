#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace platform {

/// What /actuator/health says. Liveness depends on nothing outside the process; readiness on `ready`; the overall status on the components.
/// Thread-safe.
class Health {
public:
    struct Component {
        bool up = true;
        std::map<std::string, std::string> details;
        std::map<std::string, std::string> written{};  ///< further details, whose values are JSON
    };
    using Check = std::function<Component()>;  ///< answers from memory, never blocks

    void add(std::string name, Check check);
    void set_ready(bool ready) { ready_ = ready; }
    [[nodiscard]] bool ready() const { return ready_; }

    struct Answer {
        int http_status = 200;
        std::string body;  ///< JSON of Spring Boot's shape
    };
    /// Spring's show-details: Status leaves the details of components out, as for who may not see them.
    enum class Show : std::uint8_t { Status, Details };
    /// With components; 503 when one is DOWN or the process is not ready.
    [[nodiscard]] Answer overall(Show show = Show::Details) const;
    /// One of the components alone; nothing when none has this name.
    [[nodiscard]] std::optional<Answer> component(std::string_view name, Show show = Show::Details) const;
    [[nodiscard]] Answer liveness() const;   ///< always 200 {"status":"UP"}
    [[nodiscard]] Answer readiness() const;  ///< 200 UP or 503 OUT_OF_SERVICE

private:
    std::atomic<bool> ready_{false};
    mutable std::mutex mutex_;
    std::vector<std::pair<std::string, Check>> checks_;  // guarded by mutex_
};

}  // namespace platform
