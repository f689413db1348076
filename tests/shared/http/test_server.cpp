#include "tests/shared/http/test_server.hpp"

#include <charconv>
#include <stdexcept>
#include <utility>

namespace platform::http::test {

using namespace std::chrono_literals;

bool eventually(const std::function<bool()>& condition) {
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    const auto limit = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > limit) return false;
        never.wait_for(lock, 2ms);
    }
    return true;
}

Response text(std::string body) {
    return {.status = 200, .content_type = "text/plain", .body = std::move(body), .headers = {}};
}

Finishers::Finishers(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

Finishers::~Finishers() {
    for (std::jthread& thread : threads_) thread.request_stop();
}

void Finishers::add(Responder responder, std::string text) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back({.responder = std::move(responder), .text = std::move(text)});
    asked_.notify_one();
}

void Finishers::run(const std::stop_token& stop) {
    for (;;) {
        std::unique_lock lock(mutex_);
        if (!asked_.wait(lock, stop, [this] { return !jobs_.empty(); })) return;
        Job job = std::move(jobs_.back());
        jobs_.pop_back();
        lock.unlock();
        job.responder.send(http::test::text(std::move(job.text)));
    }
}

TestServer::TestServer(Server::Options options) : server((options.host = "127.0.0.1", std::move(options)), clock, registry) {
    server.route("GET", "/json", [](const Request&, Responder responder) {
        responder.send(Response{.status = 200, .content_type = "application/json", .body = R"({"ok":true})", .headers = {}});
    });
    server.route("GET", "/items/:id", [](const Request& request, Responder responder) {
        responder.send(text(request.params.at("id")));
    });
    server.route("POST", "/echo", [](const Request& request, Responder responder) { responder.send(text(request.body)); });
    server.route("GET", "/later/:id", [this](const Request& request, Responder responder) {
        finishers_.add(std::move(responder), request.params.at("id"));
    });
    server.route("GET", "/hold/:id", [this](const Request&, Responder responder) {
        const std::lock_guard lock(mutex_);
        held_.push_back(std::move(responder));
        held_one_.notify_all();
    });
    server.route("GET", "/big", [](const Request& request, Responder responder) {
        responder.send(text(std::string(std::stoul(request.query.at("bytes")), 'x')));
    });
    server.route("GET", "/throw", [](const Request&, Responder) { throw std::runtime_error("secret internals"); });
    server.route("GET", "/forget", [](const Request&, Responder) {});
    server.route("GET", "/seen", [](const Request& request, Responder responder) {
        responder.send(text(request.correlation_id + " " + request.remote));
    });
    server.route("GET", "/files/*", [](const Request& request, Responder responder) { responder.send(text(request.path)); });
    server.start();
}

TestServer::~TestServer() {
    server.stop();
}

Responder TestServer::take_held() {
    std::unique_lock lock(mutex_);
    if (!held_one_.wait_for(lock, 20s, [this] { return !held_.empty(); })) return {};
    Responder responder = std::move(held_.front());
    held_.erase(held_.begin());
    return responder;
}

double TestServer::metric(const std::string& prefix) const {
    const std::string all = registry.scrape();
    const std::size_t place = all.find("\n" + prefix);
    if (place == std::string::npos) return -1;
    const std::size_t end = all.find('\n', place + 1);
    const std::size_t space = all.rfind(' ', end);
    double value = -1;
    std::from_chars(all.data() + space + 1, all.data() + end, value);
    return value;
}

}  // namespace platform::http::test
