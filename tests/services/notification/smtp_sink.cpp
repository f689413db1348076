#include "tests/services/notification/smtp_sink.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace platform::test {
namespace {

/// Reads a connection line by line. One thread.
class Lines {
public:
    explicit Lines(int connection) : connection_(connection) {}
    /// Without its CRLF; nothing at the end of the connection.
    std::optional<std::string> next() {
        for (;;) {
            if (const auto end = buffer_.find("\r\n"); end != std::string::npos) {
                std::string line = buffer_.substr(0, end);
                buffer_.erase(0, end + 2);
                return line;
            }
            char some[4096];
            const auto count = ::read(connection_, some, sizeof some);
            if (count <= 0) return std::nullopt;
            buffer_.append(some, static_cast<std::size_t>(count));
        }
    }

private:
    int connection_;
    std::string buffer_;
};

}  // namespace

struct SmtpSink::Impl {
    Impl() {
        listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (listener < 0 || ::bind(listener, generic, length) != 0 || ::listen(listener, 8) != 0 ||
            ::getsockname(listener, generic, &length) != 0) {
            throw std::runtime_error("the mail server of the test cannot listen");
        }
        port = ntohs(address.sin_port);
        thread = std::jthread([this] { accept_all(); });
    }
    ~Impl() {
        ::shutdown(listener, SHUT_RDWR);
        hang_up();
        thread.join();
        ::close(listener);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void hang_up() {
        const std::scoped_lock lock(mutex);
        if (connection >= 0) ::shutdown(connection, SHUT_RDWR);
    }

    void accept_all() {
        for (;;) {
            const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
            if (accepted < 0) return;
            {
                const std::scoped_lock lock(mutex);
                connection = accepted;
                ++connections;
            }
            talk(accepted);
            const std::scoped_lock lock(mutex);
            connection = -1;
            ::close(accepted);
        }
    }

    void reply(int to, const std::string& command, const std::string& usual) {
        std::string line = usual;
        {
            const std::scoped_lock lock(mutex);
            if (const auto found = answers.find(command); found != answers.end()) line = found->second;
        }
        if (line.empty()) return;
        line += "\r\n";
        (void)!::send(to, line.data(), line.size(), MSG_NOSIGNAL);
    }
    [[nodiscard]] bool changed(const std::string& command) {
        const std::scoped_lock lock(mutex);
        return answers.contains(command);
    }

    /// Receives the lines of a mail up to the single dot; false when the connection ended first.
    static bool receive(Lines& lines, Mail& mail) {
        while (auto line = lines.next()) {
            if (*line == ".") return true;
            mail.text += (line->starts_with('.') ? line->substr(1) : *line) + "\r\n";
        }
        return false;
    }

    void talk(int with) {
        Lines lines(with);
        Mail mail;
        reply(with, "", "220 sink");
        while (const auto line = lines.next()) {
            const std::string command = line->substr(0, 4);
            if (command == "MAIL") mail = Mail{.from = line->substr(10), .to = {}, .text = {}};
            if (command == "RCPT") mail.to = line->substr(8);
            if (command != "DATA" || changed("DATA")) {
                reply(with, command, command == "QUIT" ? "221 bye" : "250 ok");
                continue;
            }
            reply(with, "DATA", "354 go on");
            if (!receive(lines, mail)) return;
            if (!changed(".")) {
                const std::scoped_lock lock(mutex);
                mails.push_back(mail);
            }
            reply(with, ".", "250 taken");
        }
    }

    int listener = -1;
    std::uint16_t port = 0;
    mutable std::mutex mutex;
    int connection = -1;                         // guarded by mutex
    int connections = 0;                         // guarded by mutex
    std::map<std::string, std::string> answers;  // guarded by mutex
    std::vector<Mail> mails;                     // guarded by mutex
    std::jthread thread;
};

SmtpSink::SmtpSink() : impl_(std::make_unique<Impl>()) {}

SmtpSink::~SmtpSink() = default;

std::string SmtpSink::url() const {
    return "smtp://127.0.0.1:" + std::to_string(impl_->port);
}

void SmtpSink::answer(const std::string& command, const std::string& line) {
    const std::scoped_lock lock(impl_->mutex);
    impl_->answers[command] = line;
}

void SmtpSink::behave() {
    const std::scoped_lock lock(impl_->mutex);
    impl_->answers.clear();
}

void SmtpSink::close_connections() {
    impl_->hang_up();
}

std::vector<SmtpSink::Mail> SmtpSink::mails() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->mails;
}

int SmtpSink::connections() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->connections;
}

}  // namespace platform::test
