#include "shared/http/connection.hpp"

#include "shared/http/answer_text.hpp"
#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <utility>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace platform::http {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr Duration kLingerTime = std::chrono::seconds(2);  // for the client to read a last answer before the connection is reset
constexpr std::size_t kDroppedBytes = 8 * 1024 * 1024;  // of a client that goes on sending after its last answer
constexpr std::size_t kWriteTurnBytes = 1024 * 1024;  // per event, so that no client has the writer for itself

/// One line an answer, for who switches the level on for a while.
void tell_answer(const HttpExchange::Facts& facts, int status, Duration took) {
    log::debug(
        "request answered",
        {{"correlation_id", facts.correlation_id},
         {"method", facts.method},
         {"uri", facts.uri},
         {"status", status},
         {"took_us", std::chrono::duration_cast<std::chrono::microseconds>(took).count()}}
    );
}

}  // namespace

HttpExchange::HttpExchange(std::shared_ptr<Connection> connection, Facts facts, Instant began)
    : Exchange(facts.correlation_id), connection_(std::move(connection)), facts_(std::move(facts)), began_(began) {}

void HttpExchange::answer(Response response) {
    connection_->answer(*this, response, "none", false);
}

void HttpExchange::abandon() {
    const bool thrown = std::uncaught_exceptions() > 0;
    const Problem problem = to_problem(Error{.kind = ErrorKind::Internal, .what = {}});
    connection_->answer(*this, to_response(problem, correlation_id()), thrown ? "HandlerException" : "Unanswered", false);
}

Connection::Connection(std::shared_ptr<SharedState> shared, std::uint64_t number, Descriptor duplicate, std::string remote)
    : shared_(std::move(shared)),
      number_(number),
      remote_(std::move(remote)),
      deadline_((shared_->clock.now() + shared_->options.idle_timeout).time_since_epoch().count()),
      framer_(FramingLimits{
          .max_header_bytes = shared_->options.max_header_bytes,
          .max_body_bytes = shared_->options.max_body_bytes,
      }),
      descriptor_(std::move(duplicate)) {}

Connection::~Connection() {
#ifdef PLATFORM_MUTANT_PLAIN_PISTACHE_WRITES
    static_cast<void>(descriptor_.release());
#endif
}

void Connection::on_input(std::string_view bytes) {
    {
        const std::lock_guard lock(mutex_);
        if (phase_ != Phase::Reading || pumping_ || !input_.empty()) return keep_for_later(bytes);
        pumping_ = true;
    }
    pump(bytes);
}

/// Keeps what is pipelined, within its bound, and drops what nobody will read. Who sends without end is cut off.
void Connection::keep_for_later(std::string_view bytes) {
    if (phase_ == Phase::Closed) return;
    if (phase_ == Phase::Lingering || overrun_) {
        dropped_bytes_ += bytes.size();
        if (dropped_bytes_ > kDroppedBytes) close_now(true);
    } else if (input_.size() + bytes.size() > shared_->options.max_pipelined_bytes) {
        overrun_ = true;
        input_.clear();
        // Between two requests nothing but this would end it.
        if (phase_ == Phase::Reading && !pumping_) linger();
    } else {
        input_.append(bytes);
    }
}

void Connection::on_end_of_input() {
    {
        const std::lock_guard lock(mutex_);
        input_ended_ = true;
        // A client may close its side and still read the answers to what it asked.
        const bool answer_due = phase_ == Phase::Handling || phase_ == Phase::Writing;
        if (!answer_due && !pumping_ && input_.empty()) close_now();
    }
    leave_if_over();
}

/// Removes a connection that both sides are done with.
void Connection::leave_if_over() {
    {
        const std::lock_guard lock(mutex_);
        if (phase_ != Phase::Closed || !input_ended_) return;
    }
    shared_->attendant.remove(number_);
}

/// Reads requests out of `bytes`, then out of what came meanwhile, until one waits for its answer or all is read.
void Connection::pump(std::string_view bytes) {
    std::string held;
    do {
        const bool fresh = framer_.idle();
        bytes.remove_prefix(framer_.feed(bytes));
        if (fresh && !framer_.idle()) request_began_ = shared_->clock.now();
        if (framer_.take_continue()) send_continue();
        if (framer_.state() == RequestFramer::State::Refused) {
            refuse(framer_.refusal());
        } else if (framer_.state() == RequestFramer::State::Complete) {
            shared_->sink->accept(framer_.take(), *this);
        }
    } while (settle(bytes, held));
    leave_if_over();
}

/// True when there is more to pump: in `rest`, which may now be a view of `held`.
bool Connection::settle(std::string_view& rest, std::string& held) {
    const std::lock_guard lock(mutex_);
    if (phase_ == Phase::Reading && !rest.empty()) return true;
    if (phase_ == Phase::Reading && !input_.empty()) {
        held = std::exchange(input_, {});
        rest = held;
        return true;
    }
    if (phase_ == Phase::Reading) {
        mid_request_ = !framer_.idle();
        const Instant now = shared_->clock.now();
        set_deadline(mid_request_ ? request_began_ + shared_->options.request_timeout - now : shared_->options.idle_timeout);
        if (input_ended_) close_now();
        if (overrun_) linger();
    } else if ((phase_ == Phase::Handling || phase_ == Phase::Writing) && !rest.empty() && !overrun_) {
        const std::string later = std::exchange(input_, std::string(rest));
        keep_for_later(later);
    }
    pumping_ = false;
    return false;
}

void Connection::resume() {
    std::string held;
    {
        const std::lock_guard lock(mutex_);
        if (!resumable()) return;
        pumping_ = true;
        held = std::exchange(input_, {});
    }
    pump(held);
}

void Connection::send_continue() {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::Reading) return;
    const long sent = send_now(kContinue, {});
    // A client that did not read its earlier answers gets no invitation; half of one would spoil what follows.
    if (sent > 0 && static_cast<std::size_t>(sent) < kContinue.size()) close_now(true);
}

void Connection::refuse(const RequestFramer::Refusal& refusal) {
    HttpExchange::Facts facts{
        .correlation_id = shared_->ids.next().text(),
        .method = "UNKNOWN",
        .uri = "UNKNOWN",
        .keep_alive = false,
        .http_1_0 = false,
    };
    const auto exchange = std::make_shared<HttpExchange>(shared_from_this(), std::move(facts), shared_->clock.now());
    begin(exchange);
    const Problem problem{
        .status = refusal.status,
        .code = std::string(refusal.code),
        .detail = std::string(refusal.detail),
        .errors = {},
        .headers = {},
    };
    answer(*exchange, to_response(problem, exchange->correlation_id()), "none", true);
}

void Connection::begin(const std::shared_ptr<HttpExchange>& exchange) {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::Reading) return;  // aborted meanwhile; the answer will find nobody waiting
    phase_ = Phase::Handling;
    current_ = exchange;
    current_key_ = exchange.get();
    mid_request_ = false;
    set_deadline(shared_->options.answer_timeout);
    shared_->request_began();
}

void Connection::answer(const HttpExchange& exchange, const Response& response, std::string_view exception, bool close) {
    const std::shared_ptr<SharedState> shared = shared_;  // the scope must not outlive it, should this be the last answer of all
    const SharedState::AnswerScope scope(*shared);
    {
        const std::lock_guard lock(mutex_);
        if (phase_ == Phase::Closed) return;
    }
    const HttpExchange::Facts& facts = exchange.facts();
    const bool last = close || !facts.keep_alive || shared_->draining || overrun_;
    const AnswerFrame frame{
        .correlation_id = facts.correlation_id,
        .date = shared_->clock.wall(),
        .close = last,
        .keep_alive_asked = facts.http_1_0,
    };
    const std::string head = answer_head(response, frame);
    const bool with_body = facts.method != "HEAD" && has_body(response.status);
    const std::string_view body = with_body ? std::string_view(response.body) : std::string_view();
    bool blocked = false;
    bool more_to_read = false;
    {
        const std::lock_guard lock(mutex_);
        if (current_key_ != &exchange || phase_ != Phase::Handling) return;
        const long sent = send_now(head, body);
        if (sent < 0) {
            close_now();
        } else if (static_cast<std::size_t>(sent) == head.size() + body.size()) {
            finish_answer(last);
        } else {
            begin_writing(head, body, static_cast<std::size_t>(sent), last);
            blocked = true;
        }
        more_to_read = resumable();
    }
    const Duration took = shared_->clock.now() - exchange.began();
    shared_->metrics.answered(facts.method, facts.uri, response.status, exception, took);
    if (log::threshold() == log::Level::Debug) tell_answer(facts, response.status, took);
    if (blocked) shared_->attendant.write_when_possible(shared_from_this());
    if (more_to_read) shared_->attendant.resume_soon(shared_from_this());
    leave_if_over();
}

/// Bytes taken by the socket, or -1 when the client is gone.
long Connection::send_now(std::string_view head, std::string_view body) {
    std::array<iovec, 2> parts = {{
        {.iov_base = const_cast<char*>(head.data()), .iov_len = head.size()},
        {.iov_base = const_cast<char*>(body.data()), .iov_len = body.size()},
    }};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = body.empty() ? 1 : 2;
    for (;;) {
        const ssize_t sent = ::sendmsg(descriptor_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) return sent;
        if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
        if (errno != EINTR) return -1;
    }
}

void Connection::begin_writing(std::string_view head, std::string_view body, std::size_t sent, bool close) {
    phase_ = Phase::Writing;
    close_after_writing_ = close;
    output_begin_ = 0;
    output_ = head.substr(std::min(sent, head.size()));
    output_ += body.substr(sent - std::min(sent, head.size()));
    shared_->pending_write_bytes += output_.size();
    set_deadline(shared_->options.write_timeout);
}

void Connection::finish_answer(bool close) {
    current_key_ = nullptr;
    current_.reset();
    shared_->request_ended();
    phase_ = Phase::Reading;
    set_deadline(shared_->options.idle_timeout);
    if (close) {
        linger();
    } else if (input_ended_ && input_.empty() && !pumping_) {
        close_now();
    }
}

/// The last answer is out. To close now could reset the connection while bytes of the client are unread, and take the answer with it.
void Connection::linger() {
    input_ = {};
    if (input_ended_) return close_now();
    ::shutdown(descriptor_.get(), SHUT_WR);
    phase_ = Phase::Lingering;
    dropped_bytes_ = 0;
    set_deadline(kLingerTime);
}

/// Closes for both sides; the reactor then sees the end of input and lets go of its descriptor. `reset` drops what the kernel still holds.
void Connection::close_now(bool reset) {
    if (phase_ == Phase::Closed) return;
    if (current_key_ != nullptr) {
        current_key_ = nullptr;
        current_.reset();
        shared_->request_ended();
    }
    shared_->pending_write_bytes -= output_.size() - output_begin_;
    output_ = {};
    output_begin_ = 0;
    input_ = {};
    if (phase_ == Phase::Writing) shared_->attendant.forget(descriptor_.get());
    phase_ = Phase::Closed;
    deadline_ = Instant::max().time_since_epoch().count();
    if (reset) {
        const struct linger none{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(descriptor_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
    }
    ::shutdown(descriptor_.get(), SHUT_RDWR);
#ifdef PLATFORM_MUTANT_PLAIN_PISTACHE_WRITES
    static_cast<void>(descriptor_.release());
#endif
    descriptor_.close();
    shared_->metrics.connection_closed();
}

void Connection::set_deadline(Duration from_now) {
    deadline_ = (shared_->clock.now() + from_now).time_since_epoch().count();
}

bool Connection::await_writable(int epoll) {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::Writing) return false;
    epoll_event event{.events = EPOLLOUT | EPOLLONESHOT, .data = {.u64 = number_}};
    if (::epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor_.get(), &event) == 0) return true;
    if (errno == ENOENT && ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor_.get(), &event) == 0) return true;
    set_deadline(Duration::zero());  // nobody would wake it: the next look at deadlines ends it
    return false;
}

Attended::Writing Connection::write_more() {
    bool more_to_read = false;
    {
        const std::lock_guard lock(mutex_);
        if (phase_ != Phase::Writing) return Writing::Finished;
        const std::string_view rest = std::string_view(output_).substr(output_begin_, kWriteTurnBytes);
        const long sent = send_now(rest, {});
        if (sent < 0) {
            close_now();
        } else {
            output_begin_ += static_cast<std::size_t>(sent);
            shared_->pending_write_bytes -= static_cast<std::size_t>(sent);
            if (output_begin_ < output_.size()) return Writing::Blocked;
            output_ = {};
            output_begin_ = 0;
            finish_answer(close_after_writing_);
        }
        more_to_read = resumable();
    }
    if (more_to_read) resume();
    leave_if_over();
    return Writing::Finished;
}

void Connection::check_deadline(Instant now) {
    if (now.time_since_epoch().count() < deadline_) return;
    std::shared_ptr<HttpExchange> late;
    bool slow_request = false;
    {
        const std::lock_guard lock(mutex_);
        if (now.time_since_epoch().count() < deadline_ || pumping_) return;
        switch (phase_) {
            case Phase::Reading:
                if (mid_request_) {
                    slow_request = pumping_ = true;
                } else {
                    close_now();
                }
                break;
            case Phase::Handling: late = current_.lock(); break;
            case Phase::Writing:
                shared_->metrics.write_given_up();
                close_now(true);
                break;
            case Phase::Lingering: close_now(true); break;
            case Phase::Closed: break;
        }
    }
    if (slow_request) {
        refuse({.status = 408, .code = "request-timeout", .detail = "The request did not come in time."});
        const std::lock_guard lock(mutex_);
        pumping_ = false;
    }
    if (late) refuse_late(*late);
    leave_if_over();
}

void Connection::refuse_late(const HttpExchange& exchange) {
    log::warn(
        "a request was not answered in time",
        {{"correlation_id", exchange.correlation_id()}, {"uri", exchange.facts().uri}}
    );
    const Problem problem{
        .status = 503,
        .code = "answer-timeout",
        .detail = "The answer did not come in time; the outcome may be unknown.",
        .errors = {},
        .headers = {{"Retry-After", "1"}},
    };
    answer(exchange, to_response(problem, exchange.correlation_id()), "AnswerTimeout", true);
}

void Connection::abort() {
    {
        const std::lock_guard lock(mutex_);
        close_now(true);
    }
    leave_if_over();
}

void Connection::close() {
    {
        const std::lock_guard lock(mutex_);
        close_now();
    }
    leave_if_over();
}

}  // namespace platform::http
