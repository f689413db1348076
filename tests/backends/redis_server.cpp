#include "tests/backends/redis_server.hpp"

#include "tests/backends/wait.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>

namespace platform::test {

RedisServer& RedisServer::instance() {
    static RedisServer server;
    return server;
}

RedisServer::RedisServer(std::string password)
    : directory_("redis"), password_(std::move(password)), port_(free_port()) {
    start();
}

void RedisServer::start() {
    std::vector<std::string> arguments{
        environment_or("REDIS_SERVER", "redis-server"),
        "--bind",
        "127.0.0.1",
        "--port",
        std::to_string(port_),
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        directory_.path().string()
    };
    if (!password_.empty()) arguments.insert(arguments.end(), {"--requirepass", password_});
    const auto log = directory_.path() / "log";
    process_.start({.arguments = arguments, .environment = {}, .log = log});
    const bool up = wait_until([&] { return !process_.running() || port_answers(port_); });
    if (!up || !process_.running()) throw std::runtime_error("redis-server did not start:\n" + log_tail(log));
}

void RedisServer::stop() {
    process_.stop();
}
void RedisServer::kill() {
    process_.kill();
}
void RedisServer::pause() {
    process_.signal(SIGSTOP);
}
void RedisServer::resume() {
    process_.signal(SIGCONT);
}

std::string RedisServer::command(const std::string& line) const {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port_);
    const std::string request = line + "\r\n";
    std::string answer(512, '\0');
    ssize_t size = -1;
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
        size = ::recv(fd, answer.data(), answer.size(), 0);
    }
    ::close(fd);
    if (size <= 0) throw std::runtime_error("redis-server does not answer");
    answer.resize(static_cast<std::size_t>(size));
    return answer.substr(0, answer.find('\r'));
}

}  // namespace platform::test
