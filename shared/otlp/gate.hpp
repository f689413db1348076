#pragma once
#include "shared/core/clock.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace platform::otlp {

/// Stands before the SDK's queue, which loses what does not fit and says nothing: counts the spans that wait or are on their way, refuses those for which there is
/// no room, and says when batches may go. Thread-safe; only pause() waits.
class Gate {
public:
    struct Options {
        std::size_t room = 0;    ///< spans that wait or are on their way
        std::size_t enough = 0;  ///< as many do not wait for the pause
        Duration pause{};        ///< between two batches
    };
    explicit Gate(const Options& options) : options_(options) {}

    /// False when there is no room, and from the end on.
    [[nodiscard]] bool enter();
    void leave(std::size_t count);

    /// Returns after the pause between two batches; before it when enough spans wait, and at the end.
    void pause();

    /// Whether a batch may begin.
    [[nodiscard]] bool open(Instant now) const { return now <= last_begin_.load(); }
    /// A batch was not taken; in the end it is the last one.
    void lost();

    /// Nothing enters from now on, and no batch begins after `last_begin`. Once.
    void end(Instant last_begin);
    /// Those who entered and never left; when nobody leaves any more.
    [[nodiscard]] std::size_t stranded();

private:
    static constexpr std::size_t kEnded = std::size_t{1} << 63U;

    const Options options_;
    std::atomic<std::size_t> inside_{0};  // with kEnded, so that a span enters before the end or not at all
    std::atomic<Instant> last_begin_{Instant::max()};
    std::mutex mutex_;
    std::condition_variable changed_;  // inside_ has grown to enough, or has kEnded
};

}  // namespace platform::otlp
