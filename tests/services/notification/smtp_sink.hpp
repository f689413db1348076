#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace platform::test {

/// A real mail server on loopback that keeps what it gets. Answers can be replaced by command: "" is the
/// greeting, "." the end of a mail, else "EHLO", "MAIL", "RCPT", "DATA". Thread-safe.
class SmtpSink {
public:
    struct Mail {
        std::string from;  ///< as given, with its brackets
        std::string to;
        std::string text;  ///< lines with CRLF, dots unstuffed
    };
    SmtpSink();
    ~SmtpSink();
    SmtpSink(const SmtpSink&) = delete;
    SmtpSink& operator=(const SmtpSink&) = delete;

    [[nodiscard]] std::string url() const;
    void answer(const std::string& command, const std::string& line);
    /// From now on this command gets no answer at all.
    void hang_at(const std::string& command) { answer(command, ""); }
    void behave();
    void close_connections();

    [[nodiscard]] std::vector<Mail> mails() const;
    [[nodiscard]] int connections() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace platform::test
