#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace platform::gateway::test {

/// A pod that says that it is ready, but takes every other request and breaks the connection without an
/// answer.
class RawPod {
public:
    RawPod() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 16) != 0 ||
            getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            throw std::runtime_error("no socket for a pod");
        }
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread([listener = listener_] {
            char bytes[4096];
            for (int client = 0; (client = accept(listener, nullptr, nullptr)) >= 0;) {
                const auto received = recv(client, bytes, sizeof bytes, 0);
                constexpr std::string_view kReady =
                    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                if (received > 0 &&
                    std::string_view(bytes, static_cast<std::size_t>(received)).starts_with("GET /actuator/")) {
                    [[maybe_unused]] const auto sent =
                        send(client, kReady.data(), kReady.size(), MSG_NOSIGNAL);
                }
                close(client);
            }
        });
    }
    ~RawPod() {
        shutdown(listener_, SHUT_RDWR);  // ends accept()
        thread_.join();
        close(listener_);
    }
    RawPod(const RawPod&) = delete;
    RawPod& operator=(const RawPod&) = delete;
    [[nodiscard]] std::uint16_t port() const { return port_; }

private:
    int listener_;
    std::uint16_t port_ = 0;
    std::jthread thread_;
};

}  // namespace platform::gateway::test
