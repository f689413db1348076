#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace platform::test {

/// An HTTP/1.1 server on loopback, by hand, so that it can do what a real API server does on a bad day:
/// answer in pieces, fall silent, hang up, close a kept connection under the next request. One thread per
/// connection.
class FakeApiServer {
public:
    struct Seen {
        std::string method;
        std::string target;
        std::map<std::string, std::string> headers;  ///< names in lower case
        std::string body;
    };
    class Reply {
    public:
        Reply(int fd, std::atomic<bool>& stopping) : fd_(fd), stopping_(stopping) {}
        void answer(int status, std::string_view body);
        void begin_stream();
        /// False when the client has hung up.
        bool chunk(std::string_view text);
        void end_stream();
        /// Ends the connection without another byte.
        void hang_up() { hung_up_ = true; }
        /// Until the client hangs up or the server stops.
        void wait_for_client_to_leave() const;
        [[nodiscard]] bool hung_up() const { return hung_up_; }

    private:
        bool send_all(std::string_view bytes);
        int fd_;
        std::atomic<bool>& stopping_;
        bool hung_up_ = false;
    };
    using Handler = std::function<void(const Seen&, Reply&)>;

    explicit FakeApiServer(Handler handler);
    ~FakeApiServer();
    FakeApiServer(const FakeApiServer&) = delete;
    FakeApiServer& operator=(const FakeApiServer&) = delete;

    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::vector<Seen> seen() const;
    [[nodiscard]] std::size_t connections() const { return connections_; }

private:
    void serve(int fd);
    static bool read_request(int fd, std::string& buffer, Seen& seen);

    Handler handler_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_{false};
    std::atomic<std::size_t> connections_{0};
    mutable std::mutex mutex_;
    std::vector<Seen> seen_;             // guarded by mutex_
    std::vector<int> open_;              // guarded by mutex_
    std::vector<std::jthread> threads_;  // guarded by mutex_
    std::jthread acceptor_;
};

}  // namespace platform::test
