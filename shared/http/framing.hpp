#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace platform::http {

struct FramingLimits {
    std::size_t max_header_bytes = 16 * 1024;  ///< request line and header fields together; trailers again as much
    std::size_t max_header_fields = 100;
    std::size_t max_body_bytes = 1024 * 1024;
    std::size_t max_chunk_line_bytes = 256;  ///< size and extensions of one chunk
};

/// One request as it was framed; nothing is decoded but the chunks.
struct FramedRequest {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers;  ///< names in lower case; repeated ones joined by ", "
    std::string body;
    bool keep_alive = true;
    bool http_1_0 = false;
};

/// Finds requests in the bytes of one connection (RFC 9112), strictly: what two readers could understand differently is refused, since
/// that is how requests are smuggled past a proxy. Takes bytes in pieces of any size and never looks at a byte twice. Pure: no I/O, no clock.
/// Memory is bounded by the limits. One thread.
class RequestFramer {
public:
    enum class State : std::uint8_t { Incomplete, Complete, Refused };
    struct Refusal {
        int status = 400;
        std::string_view code;
        std::string_view detail;
    };

    explicit RequestFramer(const FramingLimits& limits) : limits_(limits) {}

    /// Reads up to the end of one request and gives how many bytes it took. A refused connection takes everything; a complete one nothing
    /// until take().
    std::size_t feed(std::string_view bytes);
    [[nodiscard]] State state() const { return state_; }
    /// Why, when refused. Nothing after it on this connection can be understood.
    [[nodiscard]] const Refusal& refusal() const { return refusal_; }
    /// The request, when complete; the next one may follow.
    [[nodiscard]] FramedRequest take();
    /// True until the first byte of a request has come.
    [[nodiscard]] bool idle() const { return part_ == Part::RequestLine && line_.empty() && !cr_seen_ && head_bytes_ == 0; }
    /// True once for a request that waits for "100 Continue" before it sends its body.
    [[nodiscard]] bool take_continue();
    /// Bytes held for the request that is not complete yet.
    [[nodiscard]] std::size_t held_bytes() const { return line_.size() + request_.body.size() + head_bytes_; }

private:
    enum class Part : std::uint8_t { RequestLine, Headers, Body, ChunkSize, ChunkData, ChunkEnd, Trailers };

    std::size_t feed_line(std::string_view bytes);
    std::size_t feed_data(std::string_view bytes);
    std::size_t line_limit() const;
    void take_line(std::string_view line);
    void take_request_line(std::string_view line);
    void take_version(std::string_view version);
    void take_header(std::string_view line);
    void take_framing_header(std::string_view name, std::string_view value);
    void take_content_length(std::string_view value);
    void take_transfer_encoding(std::string_view value);
    void take_connection(std::string_view value);
    void take_chunk_size(std::string_view line);
    void end_of_headers();
    void refuse(int status, std::string_view code, std::string_view detail);
    void refuse_long_line();

    FramingLimits limits_;
    State state_ = State::Incomplete;
    Part part_ = Part::RequestLine;
    Refusal refusal_;
    FramedRequest request_;
    std::string line_;              // the beginning of a line whose end has not come
    bool cr_seen_ = false;          // ... and whose last byte was CR, which is not kept
    std::size_t head_bytes_ = 0;    // of this request's head, or of its trailers
    std::size_t header_fields_ = 0;
    std::size_t empty_lines_ = 0;   // before the request line
    std::size_t wanted_ = 0;        // bytes of body or chunk still to come
    std::size_t chunk_overhead_ = 0;
    std::size_t hosts_ = 0;
    bool has_length_ = false;
    bool chunked_ = false;
    bool close_asked_ = false;
    bool keep_alive_asked_ = false;
    bool expects_continue_ = false;
    bool continue_due_ = false;
};

}  // namespace platform::http
