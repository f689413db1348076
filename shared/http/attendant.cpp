#include "shared/http/attendant.hpp"

#include "shared/core/check.hpp"
#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace platform::http {
namespace {

constexpr std::uint64_t kWakeNumber = 0;  // connections count from 1
constexpr int kEventsAtOnce = 64;

}  // namespace

Attendant::Attendant() = default;
Attendant::~Attendant() {
    stop();
}

void Attendant::start(const Clock& clock, Duration tick, std::function<bool()> too_much) {
    clock_ = &clock;
    tick_ = tick;
    too_much_ = std::move(too_much);
    epoll_ = Descriptor(::epoll_create1(EPOLL_CLOEXEC));
    wake_ = Descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!epoll_ || !wake_) throw std::system_error(errno, std::generic_category(), "HTTP server");
    epoll_event event{.events = EPOLLIN, .data = {.u64 = kWakeNumber}};
    CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) == 0, "a fresh descriptor can be watched");
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Attendant::stop() {
    if (thread_.joinable()) {
        thread_.request_stop();
        wake();
        thread_.join();
    }
    // Destroyed outside the lock: a connection's end may reach back here.
    std::unordered_map<std::uint64_t, std::shared_ptr<Attended>> connections;
    std::vector<Order> orders;
    {
        const std::lock_guard lock(mutex_);
        connections.swap(connections_);
        orders.swap(orders_);
    }
    writing_.clear();
    writing_since_.clear();
}

void Attendant::wake() const {
    const std::uint64_t one = 1;
    // Fails only when the counter is full, and then the thread is awake.
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
}

void Attendant::add(std::shared_ptr<Attended> connection) {
    const std::uint64_t number = connection->number();
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        first = connections_.empty();
        connections_.emplace(number, std::move(connection));
    }
    if (first) wake();  // it waits without limit while there is no connection
}

void Attendant::remove(std::uint64_t number) {
    std::shared_ptr<Attended> last;
    const std::lock_guard lock(mutex_);
    const auto found = connections_.find(number);
    if (found == connections_.end()) return;
    last = std::move(found->second);
    connections_.erase(found);
}

std::size_t Attendant::connections() const {
    const std::lock_guard lock(mutex_);
    return connections_.size();
}

std::vector<std::shared_ptr<Attended>> Attendant::all() const {
    std::vector<std::shared_ptr<Attended>> list;
    const std::lock_guard lock(mutex_);
    list.reserve(connections_.size());
    for (const auto& [number, connection] : connections_) list.push_back(connection);
    return list;
}

void Attendant::post(Order order) {
    {
        const std::lock_guard lock(mutex_);
        orders_.push_back(std::move(order));
    }
    wake();
}

void Attendant::write_when_possible(std::shared_ptr<Attended> connection) {
    post({.write = true, .connection = std::move(connection)});
}

void Attendant::resume_soon(std::shared_ptr<Attended> connection) {
    post({.write = false, .connection = std::move(connection)});
}

void Attendant::forget(int descriptor) const {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);  // not being watched is fine
}

void Attendant::run(const std::stop_token& stop) {
    std::array<epoll_event, kEventsAtOnce> events{};
    Instant next_check = clock_->now() + tick_;
    while (!stop.stop_requested()) {
        const bool idle = connections() == 0;
        const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next_check - clock_->now());
        const int limit = idle ? -1 : static_cast<int>(std::clamp<std::int64_t>(wait.count(), 0, tick_ / std::chrono::milliseconds(1)));
        const int count = ::epoll_wait(epoll_.get(), events.data(), kEventsAtOnce, limit);
        for (int i = 0; i < count; ++i) {
            const std::uint64_t number = events.at(static_cast<std::size_t>(i)).data.u64;
            if (number == kWakeNumber) {
                std::uint64_t wakes = 0;
                [[maybe_unused]] const auto read = ::read(wake_.get(), &wakes, sizeof wakes);
            } else {
                carry_on_writing(number);
            }
        }
        carry_out_orders();
        relieve();
        if (clock_->now() >= next_check) {
            check_deadlines();
            next_check = clock_->now() + tick_;
        }
    }
}

void Attendant::carry_out_orders() {
    std::vector<Order> orders;
    {
        const std::lock_guard lock(mutex_);
        orders.swap(orders_);
    }
    for (Order& order : orders) {
        if (!order.write) {
            order.connection->resume();
        } else if (order.connection->await_writable(epoll_.get())) {
            const std::uint64_t number = order.connection->number();
            if (writing_.insert_or_assign(number, std::move(order.connection)).second) writing_since_.push_back(number);
        }
    }
}

void Attendant::carry_on_writing(std::uint64_t number) {
    const auto found = writing_.find(number);
    if (found == writing_.end()) return;
    if (found->second->write_more() == Attended::Writing::Blocked && found->second->await_writable(epoll_.get())) return;
    writing_.erase(number);
    std::erase(writing_since_, number);
}

void Attendant::relieve() {
    while (!writing_since_.empty() && too_much_()) {
        const std::uint64_t oldest = writing_since_.front();
        log::warn("too many bytes wait for slow clients, the slowest is cut off");
        writing_.at(oldest)->abort();
        writing_.erase(oldest);
        writing_since_.erase(writing_since_.begin());
    }
}

void Attendant::check_deadlines() {
    const Instant now = clock_->now();
    for (const std::shared_ptr<Attended>& connection : all()) connection->check_deadline(now);
    // Those that ended without an event of their own.
    std::erase_if(writing_, [this](const auto& entry) { return !entry.second->await_writable(epoll_.get()); });
    std::erase_if(writing_since_, [this](std::uint64_t number) { return !writing_.contains(number); });
}

}  // namespace platform::http
