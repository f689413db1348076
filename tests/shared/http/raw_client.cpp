#include "tests/shared/http/raw_client.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <format>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace platform::http::test {

RawClient::RawClient(std::uint16_t port, int receive_buffer) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) throw std::runtime_error("no connection");
    const int one = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    const timeval patience{.tv_sec = kPatience.count(), .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

RawClient::~RawClient() {
    if (socket_ >= 0) ::close(socket_);
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool RawClient::fill() {
    if (ended_ || broken_) return false;
    std::array<char, 65536> piece{};
    const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
    if (got == 0) ended_ = true;
    if (got < 0) broken_ = errno == ECONNRESET || errno == EPIPE;
    if (got <= 0) return false;
    buffer_.append(piece.data(), static_cast<std::size_t>(got));
    return true;
}

std::optional<RawAnswer> RawClient::read(bool head_only) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill()) return std::nullopt;
    }
    RawAnswer answer;
    std::string_view head = std::string_view(buffer_).substr(0, end);
    if (!head.starts_with("HTTP/1.1 ") || head.size() < 12) return std::nullopt;
    std::from_chars(head.data() + 9, head.data() + 12, answer.status);
    std::size_t line = head.find("\r\n");
    while (line != std::string_view::npos) {
        head.remove_prefix(line + 2);
        line = head.find("\r\n");
        const std::string_view field = head.substr(0, line);
        const std::size_t colon = field.find(": ");
        if (colon == std::string_view::npos) return std::nullopt;
        std::string name(field.substr(0, colon));
        std::ranges::transform(name, name.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
        answer.headers[name] = field.substr(colon + 2);
    }
    buffer_.erase(0, end + 4);
    std::size_t length = 0;
    if (const auto found = answer.headers.find("content-length"); found != answer.headers.end() && !head_only) {
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), length);
    }
    while (buffer_.size() < length) {
        if (!fill()) return std::nullopt;
    }
    answer.body = buffer_.substr(0, length);
    buffer_.erase(0, length);
    return answer;
}

bool RawClient::closed_by_server() {
    return buffer_.empty() && !fill() && ended_;
}

bool RawClient::drained_to_end() {
    while (fill()) buffer_.clear();
    return ended_ || broken_;
}

void RawClient::half_close() {
    ::shutdown(socket_, SHUT_WR);
}

void RawClient::reset() {
    const linger none{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    ::close(socket_);
    socket_ = -1;
}

std::string get(std::string_view path, std::string_view more_headers) {
    return std::format("GET {} HTTP/1.1\r\nHost: test\r\n{}\r\n", path, more_headers);
}

std::string post(std::string_view path, std::string_view body, std::string_view more_headers) {
    return std::format(
        "POST {} HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n{}\r\n{}", path, body.size(), more_headers, body
    );
}

}  // namespace platform::http::test
