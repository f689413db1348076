#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"
#include "shared/kafka/native.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct rd_kafka_AdminOptions_s;

namespace platform::kafka::native {

/// Room for what the library says is wrong with an argument.
inline constexpr std::size_t kErrorText = 512;

/// The C API takes arrays of plain pointers.
template <class Owner>
auto borrowed(const std::vector<Owner>& owners) {
    std::vector<typename Owner::pointer> pointers;
    pointers.reserve(owners.size());
    for (const Owner& owner : owners) pointers.push_back(owner.get());
    return pointers;
}

/// A client for admin calls, each bounded by `timeout`. Not for other rooms. Thread-safe: every call has a queue of its own.
class AdminClient : private Observer {
public:
    /// Throws std::runtime_error on an unusable property.
    AdminClient(const std::string& bootstrap_servers, const std::map<std::string, std::string>& extra, Duration timeout);

    using Start = std::function<void(rd_kafka_s*, rd_kafka_AdminOptions_s*, rd_kafka_queue_s*)>;
    /// Runs `start` and waits for its event, the answer. `operation` is librdkafka's number of the call. Errors: Unavailable, Timeout, Denied, Invalid. A broker that
    /// refuses the password (Denied), or whose certificate is refused (Unavailable), is told as such and at once.
    [[nodiscard]] Result<Event> call(int operation, std::string_view doing, const Start& start) const;

private:
    void trouble(int code, const char* text) override;
    /// Why nobody answers, when the client knows. `soon` asks only for what has come since the call began.
    [[nodiscard]] std::optional<Error> known_reason(std::string_view doing, bool soon) const;
    void forget_troubles(bool all) const;

    const Duration timeout_;
    mutable std::mutex mutex_;
    mutable std::optional<Error> last_{};  // guarded by mutex_
    mutable bool fresh_ = false;           // guarded by mutex_; `last_` came during this call
    const Client client_;
};

}  // namespace platform::kafka::native
