#pragma once
#include "shared/http/descriptor.hpp"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include <sys/socket.h>

namespace platform::http {

/// Listens on one address and gives away the connections that come in, non-blocking, from a thread of its own. Survives a shortage of descriptors:
/// clients are then closed at once instead of waiting, and the thread does not spin. Thread-safe.
class Acceptor {
public:
    using Accepted = std::function<void(Descriptor socket, const sockaddr_storage& address)>;

    /// Throws std::runtime_error when it cannot listen there; the message names address and port. Port 0 takes any free one.
    Acceptor(const std::string& host, std::uint16_t port, Accepted accepted);
    ~Acceptor();
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    /// Stops listening and joins the thread. Idempotent.
    void stop();

private:
    void run(const std::stop_token& stop);
    /// False when there is nobody left to accept.
    bool accept_one();
    void turn_away();

    Accepted accepted_;
    Descriptor listening_;
    Descriptor wake_;
    Descriptor reserve_;  // given up for a moment to turn away a client when there is no other descriptor left
    std::uint16_t port_ = 0;
    bool short_of_descriptors_ = false;  // of the thread
    std::jthread thread_;
};

/// The address of a client without its port; an IPv4 client of an IPv6 socket in IPv4's spelling.
[[nodiscard]] std::string address_text(const sockaddr_storage& address);

}  // namespace platform::http
