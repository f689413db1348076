#pragma once
#include "shared/http/connection.hpp"
#include "shared/http/descriptor.hpp"

#include <cstddef>
#include <memory>

#include <sys/socket.h>

namespace platform::http {

/// Pistache's reactor: its threads read from the sockets and give the bytes to the connections. It owns the descriptors it is given and closes
/// each one when its client's input ends. Thread-safe.
class InputReactor {
public:
    explicit InputReactor(int threads);
    ~InputReactor();
    InputReactor(const InputReactor&) = delete;
    InputReactor& operator=(const InputReactor&) = delete;

    void add(Descriptor socket, const sockaddr_storage& address, std::shared_ptr<Connection> connection);
    /// Joins the threads. Idempotent.
    void stop();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::http
