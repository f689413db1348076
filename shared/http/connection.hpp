#pragma once
#include "shared/http/attendant.hpp"
#include "shared/http/descriptor.hpp"
#include "shared/http/framing.hpp"
#include "shared/http/server.hpp"
#include "shared/http/shared_state.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace platform::http {

class Connection;

/// One request of one connection. Immutable but for the connection's own bookkeeping.
class HttpExchange final : public Exchange {
public:
    struct Facts {
        std::string correlation_id;
        std::string method;
        std::string uri;  ///< as metrics name it
        bool keep_alive = true;
        bool http_1_0 = false;
    };
    HttpExchange(std::shared_ptr<Connection> connection, Facts facts, Instant began);
    void answer(Response response) override;
    void abandon() override;

    [[nodiscard]] const Facts& facts() const { return facts_; }
    [[nodiscard]] Instant began() const { return began_; }

private:
    std::shared_ptr<Connection> connection_;  // shared with the reactor and the attendant; outlives them while an answer is due
    Facts facts_;
    Instant began_;
};

/// One client. Bytes come in from a reactor thread, answers from any thread; one request is answered at a time, pipelined ones wait.
/// Answers are written on a duplicate of the reactor's descriptor: its number cannot be given to another client while an answer is due, which is
/// what makes an answer reach the client that asked (docs/adr/0001). Thread-safe.
class Connection final : public Attended, public std::enable_shared_from_this<Connection> {
public:
    Connection(std::shared_ptr<SharedState> shared, std::uint64_t number, Descriptor duplicate, std::string remote);
    ~Connection() override;

    /// From the reactor thread.
    void on_input(std::string_view bytes);
    void on_end_of_input();

    /// From the sink: the request now waits for the answer of `exchange`.
    void begin(const std::shared_ptr<HttpExchange>& exchange);
    /// Ignored when the exchange is no longer the one that waits. `exception` is a metric label.
    void answer(const HttpExchange& exchange, const Response& response, std::string_view exception, bool close);

    [[nodiscard]] const std::string& remote() const { return remote_; }
    [[nodiscard]] SharedState& shared() const { return *shared_; }

    [[nodiscard]] std::uint64_t number() const override { return number_; }
    bool await_writable(int epoll) override;
    Writing write_more() override;
    void check_deadline(Instant now) override;
    void resume() override;
    void abort() override;
    void close() override;

private:
    enum class Phase : std::uint8_t { Reading, Handling, Writing, Lingering, Closed };

    void pump(std::string_view bytes);
    bool settle(std::string_view& rest, std::string& held);
    void refuse(const RequestFramer::Refusal& refusal);
    void refuse_late(const HttpExchange& exchange);
    void send_continue();
    void leave_if_over();
    // With mutex_ held:
    void keep_for_later(std::string_view bytes);
    long send_now(std::string_view head, std::string_view body);
    void begin_writing(std::string_view head, std::string_view body, std::size_t sent, bool close);
    void finish_answer(bool close);
    void linger();
    void close_now(bool reset = false);
    void set_deadline(Duration from_now);
    [[nodiscard]] bool resumable() const { return phase_ == Phase::Reading && !pumping_ && !input_.empty(); }

    const std::shared_ptr<SharedState> shared_;
    const std::uint64_t number_;
    const std::string remote_;
    std::atomic<Instant::rep> deadline_;
    std::atomic<bool> overrun_{false};  // more was pipelined than is held: the answer in work is the last one

    // Of the thread that set pumping_:
    RequestFramer framer_;
    Instant request_began_{};

    std::mutex mutex_;
    // All below guarded by mutex_.
    Descriptor descriptor_;
    Phase phase_ = Phase::Reading;
    bool pumping_ = false;         // a thread is reading requests out of the input; only one does
    bool mid_request_ = false;     // some bytes of a request have come, but not all
    bool input_ended_ = false;
    bool close_after_writing_ = false;
    std::weak_ptr<HttpExchange> current_;
    const HttpExchange* current_key_ = nullptr;
    std::string input_;            // came while a request was being answered
    std::string output_;           // what the socket did not take
    std::size_t output_begin_ = 0;
    std::size_t dropped_bytes_ = 0;  // after an overrun or while lingering
};

}  // namespace platform::http
