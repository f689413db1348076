#include "shared/http/server.hpp"

#include "shared/core/check.hpp"
#include "shared/http/acceptor.hpp"
#include "shared/http/connection.hpp"
#include "shared/http/dispatcher.hpp"
#include "shared/http/input_reactor.hpp"
#include "shared/http/shared_state.hpp"
#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <format>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace platform::http {
namespace {

constexpr std::size_t kDescriptorsPerConnection = 2;
constexpr std::size_t kDescriptorsOfOthers = 128;  // databases, brokers, files
constexpr Duration kFastestTick = std::chrono::milliseconds(10);
constexpr Duration kSlowestTick = std::chrono::milliseconds(250);

constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: 122\r\n"
    "Retry-After: 1\r\nConnection: close\r\n\r\n"
    R"({"type":"about:blank","title":"Service Unavailable","status":503,"detail":"Too many connections.","code":"connections"   })";

/// As often as the shortest limit needs to be kept within a tenth.
Duration tick_of(const Server::Options& options) {
    const Duration shortest =
        std::min({options.request_timeout, options.idle_timeout, options.answer_timeout, options.write_timeout});
    return std::clamp(shortest / 10, kFastestTick, kSlowestTick);
}

std::size_t affordable_connections(std::size_t wanted) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
    const std::size_t usable = limit.rlim_cur > kDescriptorsOfOthers ? limit.rlim_cur - kDescriptorsOfOthers : 2;
    const std::size_t affordable = std::min(wanted, usable / kDescriptorsPerConnection);
    if (affordable < wanted) {
        log::warn("the limit of open files allows fewer connections than configured", {{"wanted", wanted}, {"allowed", affordable}});
    }
    return affordable;
}

}  // namespace

void Exchange::abandon() {
    answer(to_response(to_problem(Error{.kind = ErrorKind::Internal, .what = {}}), correlation_id()));
}

Responder& Responder::operator=(Responder&& other) noexcept {
    std::swap(exchange_, other.exchange_);
    return *this;
}

Responder::~Responder() {
    if (exchange_) exchange_->abandon();
}

void Responder::send(Response response) {
    if (const auto exchange = std::exchange(exchange_, nullptr)) exchange->answer(std::move(response));
}

void Responder::send(const Problem& problem) {
    if (exchange_) send(to_response(problem, exchange_->correlation_id()));
}

const std::string& Responder::correlation_id() const {
    static const std::string kNone;
    return exchange_ ? exchange_->correlation_id() : kNone;
}

/// How long clients have to be silent before their connections are closed: a round trip and a busy machine.
constexpr Duration kSilence = std::chrono::milliseconds(200);

struct Server::Impl {
    Impl(Options options, const Clock& clock, metrics::Registry& registry)
        : shared(std::make_shared<SharedState>(options, clock, registry)) {
        shared->sink = &dispatcher;
    }
    void take(Descriptor socket, const sockaddr_storage& address);

    Dispatcher dispatcher;
    std::shared_ptr<SharedState> shared;  // with the connections, which live as long as somebody may answer on them
    std::size_t max_connections = 0;
    std::uint64_t last_number = 0;  // of the acceptor's thread
    std::optional<InputReactor> reactor;
    std::optional<Acceptor> acceptor;
};

void Server::Impl::take(Descriptor socket, const sockaddr_storage& address) {
#ifdef PLATFORM_MUTANT_PLAIN_PISTACHE_WRITES
    Descriptor duplicate(socket.get());  // the number alone, as the library writes by
#else
    Descriptor duplicate(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
#endif
    if (!duplicate || shared->attendant.connections() >= max_connections) {
        shared->metrics.connection_refused();
        ::send(socket.get(), kFull.data(), kFull.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return;
    }
    auto connection = std::make_shared<Connection>(shared, ++last_number, std::move(duplicate), address_text(address));
    shared->metrics.connection_opened();
    shared->attendant.add(connection);
    reactor->add(std::move(socket), address, std::move(connection));
}

Server::Server(Options options, const Clock& clock, metrics::Registry& registry)
    : impl_(std::make_unique<Impl>(std::move(options), clock, registry)) {}

Server::~Server() {
    stop();
}

void Server::route(const std::string& method, const std::string& path, Handler handler) {
    CHECK(!impl_->acceptor, "routes are declared before start()");
    impl_->dispatcher.add(method, path, std::move(handler));
}

void Server::start() {
    CHECK(!impl_->acceptor, "a server is started once");
    SharedState& shared = *impl_->shared;
    impl_->max_connections = affordable_connections(shared.options.max_connections);
    shared.attendant.start(shared.clock, tick_of(shared.options), [&shared] {
        return shared.pending_write_bytes > shared.options.max_pending_write_bytes;
    });
    try {
        impl_->reactor.emplace(shared.options.threads);
        impl_->acceptor.emplace(
            shared.options.host,
            shared.options.port,
            [this](Descriptor socket, const sockaddr_storage& address) { impl_->take(std::move(socket), address); }
        );
    } catch (...) {
        stop();
        throw;
    }
}

std::uint16_t Server::port() const {
    return impl_->acceptor ? impl_->acceptor->port() : impl_->shared->options.port;
}

std::size_t Server::requests_in_flight() const {
    return impl_->shared->in_flight;
}

void Server::drain(Duration within) {
    impl_->shared->draining = true;
    if (impl_->acceptor) impl_->acceptor->stop();
    const bool nobody_there = impl_->shared->attendant.connections() == 0 && impl_->shared->in_flight == 0;
    impl_->shared->wait_until_quiet(within, nobody_there ? Duration::zero() : kSilence);
}

void Server::stop() {
    if (impl_->acceptor) impl_->acceptor->stop();
    for (const auto& connection : impl_->shared->attendant.all()) connection->close();
    if (impl_->reactor) impl_->reactor->stop();
    impl_->shared->attendant.stop();
    impl_->shared->wait_for_answers();
}

}  // namespace platform::http
