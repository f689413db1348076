#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace platform::kafka {

/// One thing that a user may do. Both let it be described, too.
struct Grant {
    enum class Kind : std::uint8_t { Topic, Group };
    enum class Operation : std::uint8_t { Read, Write };
    Kind kind = Kind::Topic;
    std::string name{};
    Operation operation = Operation::Read;
    friend auto operator<=>(const Grant&, const Grant&) = default;
};

/// Users (SCRAM-SHA-512) and what they may do, by librdkafka's admin API, for a broker with an authorizer. Every call is bounded by `timeout`. Errors:
/// Unavailable, Timeout, Denied, Invalid. A read error never means "absent". Thread-safe.
class Access {
public:
    /// `extra` is the administrator's Security::properties(). Throws std::runtime_error on an unusable property.
    Access(const std::string& bootstrap_servers, const std::map<std::string, std::string>& extra, Duration timeout);
    ~Access();
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;

    /// True when the user exists and may do `grants` and nothing else. Nobody can ask a broker for a password.
    [[nodiscard]] Result<bool> as_wanted(const std::string& user, const std::set<Grant>& grants);
    /// Makes the user or gives it this password, gives what is missing of `grants` and takes away all others.
    [[nodiscard]] Result<void> provision(const std::string& user, const std::string& password, const std::set<Grant>& grants);
    /// The user and all that it may do. "Does not exist" is success.
    [[nodiscard]] Result<void> remove(const std::string& user);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::kafka
