#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace platform::http::test {

/// One answer as it came over the wire.
struct RawAnswer {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;
};

/// A client that writes bytes as it likes. Everything waits at most `kPatience`, then the test fails by an empty answer.
class RawClient {
public:
    static constexpr std::chrono::seconds kPatience{20};

    explicit RawClient(std::uint16_t port, int receive_buffer = 0);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    /// False when the server closed the connection meanwhile.
    bool send(std::string_view bytes);
    /// Reads one answer; `head_only` for the answer to HEAD. Interim answers (100) are answers too.
    std::optional<RawAnswer> read(bool head_only = false);
    RawAnswer ask(std::string_view request) {
        send(request);
        return read().value_or(RawAnswer{});
    }
    /// True when the server ends the connection without another byte.
    bool closed_by_server();
    /// True when the other side ended it, orderly or by reset, after any number of bytes, which are dropped.
    bool drained_to_end();
    void half_close();
    /// Ends with a reset instead of an orderly close.
    void reset();
    [[nodiscard]] int descriptor() const { return socket_; }

private:
    bool fill();
    int socket_ = -1;
    std::string buffer_;
    bool ended_ = false;
    bool broken_ = false;
};

std::string get(std::string_view path, std::string_view more_headers = "");
std::string post(std::string_view path, std::string_view body, std::string_view more_headers = "");

}  // namespace platform::http::test
