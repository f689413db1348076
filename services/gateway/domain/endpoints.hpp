#pragma once
#include "services/gateway/domain/address.hpp"
#include "shared/core/clock.hpp"

#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace platform::gateway {

/// The pods of one service: which there are, which of them are up, and whose turn it is. Thread-safe.
///
/// A pod is up by its last probe. Calls may set it aside ("eject") for a while: at once when it cannot be
/// connected to, else after `failures_to_eject` failed calls in a row. Names of pods are some seconds old (Kubernetes' DNS is cached), so that a
/// pod may be gone and the one in its place not known yet; when no pod is good, the Service's own address is therefore taken, where there is one, once
/// for each request. Then the next best pod: a doubtful one is better than none.
class Endpoints {
public:
    enum class Status : unsigned char { Unknown, Up, Down };
    struct Options {
        int failures_to_eject = 5;
        Duration eject_for = std::chrono::seconds(5);
    };
    /// `last_resort`: the Service's own address, behind which Kubernetes finds a pod that is ready.
    Endpoints(std::string service, Options options, const Clock& clock, std::optional<Address> last_resort = {});

    [[nodiscard]] const std::string& service() const { return service_; }

    /// The pods that there are now; those that stay keep their state. True when the list has changed.
    bool update(std::vector<Address> addresses);
    void probed(const Address& address, bool up, WallTime at);

    /// Round robin over the good pods that are not in `tried`, then the last resort if it is not in there, then round robin over the best of all. Nothing
    /// when there is neither.
    [[nodiscard]] std::optional<Address> next(std::span<const Address> tried);
    void succeeded(const Address& address);
    enum class Failure : unsigned char { NoConnection, Call };
    void failed(const Address& address, Failure failure);

    struct Pod {
        Address address;
        Status status = Status::Unknown;
        bool ejected = false;
        std::optional<WallTime> probed_at{};
    };
    [[nodiscard]] std::vector<Pod> pods() const;
    /// True when at least one pod is up.
    [[nodiscard]] bool up() const;

private:
    struct Entry {
        Address address;
        Status status = Status::Unknown;
        std::optional<WallTime> probed_at{};
        int failures = 0;
        Instant ejected_until{};
    };
    [[nodiscard]] int rank(const Entry& entry, Instant now) const;
    [[nodiscard]] Entry* find(const Address& address);

    const std::string service_;
    const Options options_;
    const Clock& clock_;
    const std::optional<Address> last_resort_;
    mutable std::mutex mutex_;
    std::vector<Entry> entries_;  // guarded by mutex_; sorted by address
    std::size_t turn_ = 0;        // guarded by mutex_
};

}  // namespace platform::gateway
