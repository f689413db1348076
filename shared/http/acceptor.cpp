#include "shared/http/acceptor.hpp"

#include "shared/telemetry/log.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <format>
#include <memory>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>

namespace platform::http {
namespace {

constexpr int kBacklog = 1024;
constexpr int kShortagePauseMilliseconds = 20;

Descriptor open_reserve() {
    return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

Descriptor listen_on(const addrinfo& address) {
    Descriptor socket(::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol));
    const int one = 1;
    if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        ::bind(socket.get(), address.ai_addr, address.ai_addrlen) != 0 || ::listen(socket.get(), kBacklog) != 0) {
        return {};
    }
    return socket;
}

std::uint16_t port_of(const Descriptor& socket) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &length);
    // The port stands at the same place in both families.
    return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

}  // namespace

std::string address_text(const sockaddr_storage& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.ss_family == AF_INET) {
        const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address);
        ::inet_ntop(AF_INET, &ipv4.sin_addr, text.data(), text.size());
    } else if (address.ss_family == AF_INET6) {
        const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address);
        ::inet_ntop(AF_INET6, &ipv6.sin6_addr, text.data(), text.size());
    }
    const std::string written(text.data());
    constexpr std::string_view kMapped = "::ffff:";
    return written.starts_with(kMapped) && written.contains('.') ? written.substr(kMapped.size()) : written;
}

Acceptor::Acceptor(const std::string& host, std::uint16_t port, Accepted accepted) : accepted_(std::move(accepted)) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const int fault = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (fault != 0) throw std::runtime_error(std::format("cannot listen on {} port {}: {}", host, port, ::gai_strerror(fault)));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    int error = 0;
    for (const addrinfo* address = found; address != nullptr && !listening_; address = address->ai_next) {
        listening_ = listen_on(*address);
        if (!listening_) error = errno;
    }
    if (!listening_) throw std::runtime_error(std::format("cannot listen on {} port {}: {}", host, port, std::strerror(error)));
    port_ = port_of(listening_);
    wake_ = Descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    reserve_ = open_reserve();
    if (!wake_ || !reserve_) throw std::runtime_error("cannot listen: no descriptors are left");
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Acceptor::~Acceptor() {
    stop();
}

void Acceptor::stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
    thread_.join();
    // Closing resets who is waiting in the kernel's queue, perhaps with a request that was sent already.
    while (accept_one()) {
    }
    listening_.close();
}

void Acceptor::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::array<pollfd, 2> wanted = {{
            {.fd = wake_.get(), .events = POLLIN, .revents = 0},
            {.fd = listening_.get(), .events = POLLIN, .revents = 0},
        }};
        // Short of descriptors, the listening socket stays readable; a pause keeps that from becoming a spin.
        if (short_of_descriptors_) {
            ::poll(wanted.data(), 1, kShortagePauseMilliseconds);
        } else {
            ::poll(wanted.data(), 2, -1);
        }
        while (!stop.stop_requested() && accept_one()) {
        }
    }
}

bool Acceptor::accept_one() {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    Descriptor socket(::accept4(listening_.get(), reinterpret_cast<sockaddr*>(&address), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket) {
        short_of_descriptors_ = false;
        const int one = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        accepted_(std::move(socket), address);
        return true;
    }
    switch (errno) {
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
            if (!short_of_descriptors_) log::warn("no descriptors are left, clients are turned away");
            short_of_descriptors_ = true;
            turn_away();
            return false;
        case EAGAIN: short_of_descriptors_ = false; return false;
        default: return errno == ECONNABORTED || errno == EINTR;
    }
}

/// Closes the client that has waited longest, so that it learns of it now and not by its own time limit.
void Acceptor::turn_away() {
    reserve_.close();
    Descriptor(::accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)).close();
    reserve_ = open_reserve();
}

}  // namespace platform::http
