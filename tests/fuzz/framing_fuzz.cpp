#include "shared/core/check.hpp"
#include "shared/http/framing.hpp"
#include "shared/http/target.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The bytes of one connection. However they are cut into pieces, the same requests come out; what is refused says why in HTTP's words; what is accepted is
// within the limits and is understood the same when it is written plainly.

namespace platform::http {
namespace {

/// Small, so that inputs of some hundred bytes come to every limit.
constexpr FramingLimits kLimits{
    .max_header_bytes = 256, .max_header_fields = 8, .max_body_bytes = 96, .max_chunk_line_bytes = 24
};

struct Understood {
    std::vector<FramedRequest> requests;
    std::optional<RequestFramer::Refusal> refusal;
};

void check_refusal(const RequestFramer::Refusal& refusal) {
    CHECK(refusal.status >= 400 && refusal.status <= 505, "a refusal is an HTTP error");
    CHECK(!refusal.code.empty() && !refusal.detail.empty(), "a refusal says why");
}

void check_limits(const FramedRequest& request) {
    std::size_t head = request.method.size() + request.target.size();
    for (const auto& [name, value] : request.headers) head += name.size() + value.size();
    CHECK(head <= kLimits.max_header_bytes + 2 * kLimits.max_header_fields, "a head is bounded");  // ", " of joined ones
    CHECK(request.body.size() <= kLimits.max_body_bytes, "a body is bounded");
    CHECK(request.headers.size() <= kLimits.max_header_fields, "header fields are counted");
    CHECK(!request.method.empty() && !request.target.empty(), "a request has a method and a target");
    CHECK(request.http_1_0 || request.headers.contains("host"), "HTTP/1.1 has a Host");
    for (const auto& [name, value] : request.headers) {
        CHECK((name + value).find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos, "no line ends inside a field");
    }
}

/// `cut` gives the size of the next piece.
template <class Cut>
Understood understand(std::string_view bytes, Cut cut) {
    RequestFramer framer(kLimits);
    Understood found;
    while (!bytes.empty()) {
        std::string_view piece = bytes.substr(0, std::max<std::size_t>(cut(), 1));
        bytes.remove_prefix(piece.size());
        while (!piece.empty()) {
            const std::size_t taken = framer.feed(piece);
            CHECK(taken <= piece.size(), "nothing is taken that was not given");
            piece.remove_prefix(taken);
            (void)framer.take_continue();
            if (framer.state() == RequestFramer::State::Refused) {
                check_refusal(framer.refusal());
                found.refusal = framer.refusal();
                return found;
            }
            if (framer.state() == RequestFramer::State::Complete) {
                found.requests.push_back(framer.take());
                CHECK(framer.idle(), "after a request comes the next one");
            } else {
                CHECK(piece.empty(), "an incomplete request takes all there is");
                CHECK(framer.held_bytes() <= 2 * kLimits.max_header_bytes + kLimits.max_body_bytes + 64, "memory is bounded");
            }
        }
    }
    return found;
}

bool same(const FramedRequest& one, const FramedRequest& other) {
    return one.method == other.method && one.target == other.target && one.body == other.body &&
           one.keep_alive == other.keep_alive && one.http_1_0 == other.http_1_0;
}

void check_same(const Understood& one, const Understood& other) {
    CHECK(one.requests.size() == other.requests.size(), "as many requests in any pieces");
    for (std::size_t i = 0; i < one.requests.size(); ++i) {
        CHECK(same(one.requests[i], other.requests[i]), "the same request in any pieces");
        CHECK(one.requests[i].headers == other.requests[i].headers, "the same headers in any pieces");
    }
    CHECK(one.refusal.has_value() == other.refusal.has_value(), "the same verdict in any pieces");
    if (!one.refusal) return;
    CHECK(one.refusal->status == other.refusal->status && one.refusal->code == other.refusal->code, "for the same reason");
}

/// A request as a careful client would have written it.
std::string written(const FramedRequest& request) {
    std::string text = request.method + " " + request.target + (request.http_1_0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
    for (const auto& [name, value] : request.headers) {
        if (name == "content-length" || name == "transfer-encoding" || name == "expect") continue;
        text.append(name).append(":").append(value).append("\r\n");
    }
    if (!request.body.empty()) text += "content-length:" + std::to_string(request.body.size()) + "\r\n";
    return text + "\r\n" + request.body;
}

void check_written(const FramedRequest& request) {
    RequestFramer framer({.max_header_bytes = 2 * kLimits.max_header_bytes, .max_body_bytes = kLimits.max_body_bytes});
    const std::string text = written(request);
    CHECK(framer.feed(text) == text.size(), "a plain request is taken whole");
    CHECK(framer.state() == RequestFramer::State::Complete, "what was accepted is accepted when it is written plainly");
    CHECK(same(framer.take(), request), "and means the same");
}

void check_target(const FramedRequest& request) {
    const auto target = parse_target(request.target);
    if (!target) {
        CHECK(target.error().kind == ErrorKind::Invalid && !target.error().what.empty(), "a bad target says why");
        return;
    }
    CHECK(target->path.starts_with('/'), "a path begins at the root");
    std::string again;
    for (const auto& segment : target->segments) {
        CHECK(segment != "." && segment != ".." && !segment.contains('/'), "no way out of a path");
        again += "/" + encode_segment(segment);
    }
    const auto read = parse_target(again.empty() ? "/" : again);
    CHECK(read && read->segments == target->segments, "segments come back from their encoding");
}

}  // namespace
}  // namespace platform::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace platform::http;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = understand(bytes, [size] { return size; });
    check_same(whole, understand(bytes, [] { return std::size_t{1}; }));
    std::size_t turn = 0;
    check_same(whole, understand(bytes, [&] { return std::size_t{data[turn++ % size]} % 29; }));
    for (const FramedRequest& request : whole.requests) {
        check_limits(request);
        check_written(request);
        check_target(request);
    }
    return 0;
}
