#include "tests/operator/fake_api_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <format>
#include <stdexcept>

namespace platform::test {

bool FakeApiServer::Reply::send_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void FakeApiServer::Reply::answer(int status, std::string_view body) {
    send_all(std::format(
        "HTTP/1.1 {} Any\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        status,
        body.size(),
        body
    ));
}

void FakeApiServer::Reply::begin_stream() {
    send_all("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
}

bool FakeApiServer::Reply::chunk(std::string_view text) {
    return send_all(std::format("{:x}\r\n{}\r\n", text.size(), text));
}

void FakeApiServer::Reply::end_stream() {
    send_all("0\r\n\r\n");
}

void FakeApiServer::Reply::wait_for_client_to_leave() const {
    while (!stopping_) {
        pollfd polled{.fd = fd_, .events = POLLIN, .revents = 0};
        if (poll(&polled, 1, 20) <= 0) continue;
        std::array<char, 64> ignored{};
        if (recv(fd_, ignored.data(), ignored.size(), 0) <= 0) return;
    }
}

FakeApiServer::FakeApiServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(listener_, 64) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
        throw std::runtime_error("the fake API server cannot listen");
    }
    port_ = ntohs(address.sin_port);
    acceptor_ = std::jthread([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            pollfd polled{.fd = listener_, .events = POLLIN, .revents = 0};
            if (poll(&polled, 1, 20) <= 0) continue;
            const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) continue;
            ++connections_;
            const std::lock_guard lock(mutex_);
            open_.push_back(fd);
            threads_.emplace_back([this, fd] { serve(fd); });
        }
    });
}

FakeApiServer::~FakeApiServer() {
    stopping_ = true;
    acceptor_.request_stop();
    acceptor_.join();
    std::vector<std::jthread> threads;
    {
        const std::lock_guard lock(mutex_);
        for (const int fd : open_) shutdown(fd, SHUT_RDWR);
        threads = std::move(threads_);
    }
    threads.clear();
    close(listener_);
}

std::string FakeApiServer::url() const {
    return "http://127.0.0.1:" + std::to_string(port_);
}

std::vector<FakeApiServer::Seen> FakeApiServer::seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
}

bool FakeApiServer::read_request(int fd, std::string& buffer, Seen& seen) {
    std::array<char, 8192> part{};
    const auto more = [&] {
        const ssize_t got = recv(fd, part.data(), part.size(), 0);
        if (got <= 0) return false;
        buffer.append(part.data(), static_cast<std::size_t>(got));
        return true;
    };
    std::size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
        if (!more()) return false;
    }
    std::string head = buffer.substr(0, end);
    const std::size_t line_end = head.find("\r\n");
    const std::string line = head.substr(0, line_end);
    seen.method = line.substr(0, line.find(' '));
    seen.target = line.substr(line.find(' ') + 1, line.rfind(' ') - line.find(' ') - 1);
    std::size_t at = line_end;
    while (at != std::string::npos) {
        const std::size_t next = head.find("\r\n", at + 2);
        const std::string field = head.substr(at + 2, next == std::string::npos ? next : next - at - 2);
        std::string name = field.substr(0, field.find(':'));
        std::ranges::transform(name, name.begin(), [](unsigned char c) {
            return static_cast<char>(std::tolower(c));
        });
        const std::size_t value = field.find_first_not_of(' ', field.find(':') + 1);
        seen.headers[name] = value == std::string::npos ? "" : field.substr(value);
        at = next;
    }
    const auto length = seen.headers.find("content-length");
    const std::size_t body = length == seen.headers.end() ? 0 : std::stoul(length->second);
    while (buffer.size() < end + 4 + body) {
        if (!more()) return false;
    }
    seen.body = buffer.substr(end + 4, body);
    buffer.erase(0, end + 4 + body);
    return true;
}

void FakeApiServer::serve(int fd) {
    std::string buffer;
    Seen seen;
    while (!stopping_ && read_request(fd, buffer, seen)) {
        {
            const std::lock_guard lock(mutex_);
            seen_.push_back(seen);
        }
        Reply reply(fd, stopping_);
        handler_(seen, reply);
        if (reply.hung_up()) break;
        seen = {};
    }
    const std::lock_guard lock(mutex_);
    std::erase(open_, fd);
    close(fd);
}

}  // namespace platform::test
