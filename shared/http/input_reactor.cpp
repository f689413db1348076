#include "shared/http/input_reactor.hpp"

#include "shared/telemetry/log.hpp"

#include <atomic>
#include <csignal>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <pistache/peer.h>
#include <pistache/reactor.h>
#include <pistache/tcp.h>
#include <pistache/transport.h>

namespace platform::http {
namespace {

namespace pistache = Pistache;

constexpr const char* kConnection = "connection";

/// The descriptors that the reactor has to close. Thread-safe.
class OpenSockets {
public:
    void insert(int socket) {
        const std::lock_guard lock(mutex_);
        sockets_.insert(socket);
    }
    void erase(int socket) {
        const std::lock_guard lock(mutex_);
        sockets_.erase(socket);
    }
    void close_all() {
        const std::lock_guard lock(mutex_);
        for (const int socket : sockets_) ::close(socket);
        sockets_.clear();
    }

private:
    std::mutex mutex_;
    std::unordered_set<int> sockets_;  // guarded by mutex_
};

/// What Pistache calls when a socket has something. Nothing here may throw into its loop: it would end the process.
class InputHandler final : public pistache::Tcp::Handler {
public:
    PROTOTYPE_OF(pistache::Tcp::Handler, InputHandler)

    explicit InputHandler(std::shared_ptr<OpenSockets> open) : open_(std::move(open)) {}

    void onInput(const char* buffer, std::size_t length, const std::shared_ptr<pistache::Tcp::Peer>& peer) override {
        const std::shared_ptr<Connection> connection = connection_of(*peer);
        try {
            connection->on_input(std::string_view(buffer, length));
        } catch (const std::exception& exception) {
            log::error("input of a client could not be handled", {{"exception", exception.what()}});
            connection->abort();
        }
    }

    void onDisconnection(const std::shared_ptr<pistache::Tcp::Peer>& peer) override {
        open_->erase(peer->fd());  // Pistache closes it right after this call
        connection_of(*peer)->on_end_of_input();
    }

private:
    static std::shared_ptr<Connection> connection_of(const pistache::Tcp::Peer& peer) {
        return std::static_pointer_cast<Connection>(peer.getData(kConnection));
    }

    std::shared_ptr<OpenSockets> open_;  // shared by the handlers of all threads
};

/// Threads started in this scope leave all signals to the thread that waits for them.
class SignalsBlocked {
public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    sigset_t before_{};
};

}  // namespace

struct InputReactor::Impl {
    std::shared_ptr<OpenSockets> open = std::make_shared<OpenSockets>();
    std::shared_ptr<pistache::Aio::Reactor> reactor = pistache::Aio::Reactor::create();
    std::vector<std::shared_ptr<pistache::Tcp::Transport>> transports;  // one per thread
    std::atomic<std::size_t> next{0};
};

InputReactor::InputReactor(int threads) : impl_(std::make_unique<Impl>()) {
    impl_->reactor->init(pistache::Aio::AsyncContext(static_cast<std::size_t>(threads), "http"));
    const auto prototype = std::make_shared<pistache::Tcp::Transport>(std::make_shared<InputHandler>(impl_->open));
    const auto key = impl_->reactor->addHandler(prototype);
    for (const auto& handler : impl_->reactor->handlers(key)) {
        impl_->transports.push_back(std::static_pointer_cast<pistache::Tcp::Transport>(handler));
    }
    const SignalsBlocked blocked;
    impl_->reactor->run();
}

InputReactor::~InputReactor() {
    stop();
}

void InputReactor::stop() {
    if (!impl_->reactor) return;
    impl_->reactor->shutdown();
    impl_->transports.clear();
    impl_->reactor.reset();  // joins
    impl_->open->close_all();
}

void InputReactor::add(Descriptor socket, const sockaddr_storage& address, std::shared_ptr<Connection> connection) {
    const int number = socket.release();
    impl_->open->insert(number);
    const auto peer = pistache::Tcp::Peer::Create(
        number, pistache::Address::fromUnix(reinterpret_cast<sockaddr*>(const_cast<sockaddr_storage*>(&address)))
    );
    const auto& transport = impl_->transports[impl_->next++ % impl_->transports.size()];
    peer->putData(kConnection, std::move(connection));
    transport->handleNewPeer(peer);
}

}  // namespace platform::http
