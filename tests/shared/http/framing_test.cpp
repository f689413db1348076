#include "shared/http/framing.hpp"

#include <gmock/gmock.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace platform::http {
namespace {

using State = RequestFramer::State;
using testing::ElementsAre;
using testing::Pair;

constexpr FramingLimits kSmall{.max_header_bytes = 256, .max_header_fields = 5, .max_body_bytes = 64, .max_chunk_line_bytes = 32};

RequestFramer framed(std::string_view bytes, const FramingLimits& limits = {}) {
    RequestFramer framer(limits);
    framer.feed(bytes);
    return framer;
}

/// What a stream of bytes amounts to: its requests in order, then how it ends.
std::string account(std::string_view stream, const std::vector<std::size_t>& piece_sizes, const FramingLimits& limits = kSmall) {
    RequestFramer framer(limits);
    std::string story;
    std::size_t position = 0;
    for (std::size_t turn = 0; position < stream.size(); ++turn) {
        std::string_view piece = stream.substr(position, piece_sizes[turn % piece_sizes.size()]);
        position += piece.size();
        while (!piece.empty()) {
            const std::size_t taken = framer.feed(piece);
            EXPECT_LE(taken, piece.size());
            piece.remove_prefix(taken);
            if (framer.state() == State::Refused) {
                return story + "refused " + std::to_string(framer.refusal().status) + " " + std::string(framer.refusal().code);
            }
            if (framer.state() != State::Complete) continue;
            const FramedRequest request = framer.take();
            story += request.method + " " + request.target + (request.keep_alive ? " keep" : " close");
            for (const auto& [name, value] : request.headers) story.append(" ").append(name).append("=").append(value);
            story += " [" + request.body + "]\n";
        }
    }
    return story + (framer.idle() ? "idle" : "waiting");
}

TEST(RequestFramer, ReadsARequestWithItsBody) {
    RequestFramer framer = framed("POST /a?b=1 HTTP/1.1\r\nHost: h\r\nX-Two: 1\r\nContent-Length: 3\r\nx-two:\t2 \r\n\r\nabcNEXT");
    ASSERT_EQ(framer.state(), State::Complete);
    const FramedRequest request = framer.take();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/a?b=1");
    EXPECT_EQ(request.body, "abc");
    EXPECT_THAT(request.headers, ElementsAre(Pair("content-length", "3"), Pair("host", "h"), Pair("x-two", "1, 2")));
    EXPECT_TRUE(request.keep_alive);
    EXPECT_TRUE(framer.idle());
}

TEST(RequestFramer, TakesNothingBeyondOneRequest) {
    RequestFramer framer{FramingLimits{}};
    const std::string one = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    EXPECT_EQ(framer.feed(one + one), one.size());
    EXPECT_EQ(framer.feed(one), 0U);
    static_cast<void>(framer.take());
    EXPECT_EQ(framer.feed(one), one.size());
    EXPECT_EQ(framer.state(), State::Complete);
}

struct Refused {
    const char* name;
    std::string_view bytes;
    int status;
};

// Each of these is understood in different ways by different readers, or cannot be understood at all.
const Refused kRefused[] = {
    {"two lengths", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
    {"two equal lengths", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
    {"list of lengths", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3, 3\r\n\r\nabc", 400},
    {"length with sign", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +3\r\n\r\nabc", 400},
    {"negative length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400},
    {"length in hex", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x3\r\n\r\nabc", 400},
    {"length with letters", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3abc\r\n\r\nabc", 400},
    {"empty length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", 400},
    {"length of 20 digits", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 413},
    {"length that wraps", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551617\r\n\r\n", 413},
    {"length over limit", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 65\r\n\r\n", 413},
    {"length and coding", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"coding and length", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
    {"two codings", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"chain of codings", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
    {"chunked not last", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n", 501},
    {"almost chunked", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
    {"identity", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n", 501},
    {"chunked with tab inside", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chun\tked\r\n\r\n", 501},
    {"vertical tab before chunked", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \x0b" "chunked\r\n\r\n", 400},
    {"coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"space before colon", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 3\r\n\r\nabc", 400},
    {"tab before colon", "GET / HTTP/1.1\r\nHost: h\r\nX-A\t: 3\r\n\r\n", 400},
    {"folded header", "GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n folded: 2\r\n\r\n", 400},
    {"folded with tab", "GET / HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n\tb\r\n\r\n", 400},
    {"folded first header", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400},
    {"no colon", "GET / HTTP/1.1\r\nHost h\r\n\r\n", 400},
    {"empty name", "GET / HTTP/1.1\r\nHost: h\r\n: x\r\n\r\n", 400},
    {"name with brackets", "GET / HTTP/1.1\r\nHost: h\r\nX[a]: x\r\n\r\n", 400},
    {"null in value", std::string_view("GET / HTTP/1.1\r\nHost: h\r\nX-A: a\0b\r\n\r\n", 37), 400},
    {"escape in value", "GET / HTTP/1.1\r\nHost: h\r\nX-A: \x1b[0m\r\n\r\n", 400},
    {"delete in value", "GET / HTTP/1.1\r\nHost: h\r\nX-A: a\x7f\r\n\r\n", 400},
    {"bare LF after request line", "GET / HTTP/1.1\nHost: h\r\n\r\n", 400},
    {"bare LF after header", "GET / HTTP/1.1\r\nHost: h\n\r\n", 400},
    {"bare LF at the end", "GET / HTTP/1.1\r\nHost: h\r\n\n", 400},
    {"bare CR in value", "GET / HTTP/1.1\r\nHost: h\r\nX-A: a\rb\r\n\r\n", 400},
    {"two CRs", "GET / HTTP/1.1\r\nHost: h\r\r\n\r\n", 400},
    {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"two hosts", "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", 400},
    {"empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"host with path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"host with user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
    {"two hosts in one", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"two hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"no target", "GET HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"empty target", "GET  HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"two spaces", "GET /  HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"space in target", "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"tab in target", "GET /a\tb HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"raw UTF-8 in target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"leading space", " GET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"trailing space", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400},
    {"HTTP/0.9", "GET /\r\n\r\n", 400},
    {"bad method characters", "G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"unknown method", "BREW / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
    {"lower case method", "get / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
    {"trace", "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 501},
    {"connect", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 501},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 505},
    {"HTTP/9.9", "GET / HTTP/9.9\r\nHost: h\r\n\r\n", 505},
    {"http in lower case", "GET / http/1.1\r\nHost: h\r\n\r\n", 400},
    {"version of two digits", "GET / HTTP/1.10\r\nHost: h\r\n\r\n", 400},
    {"TLS hello", "\x16\x03\x01\x02", 400},
    {"unknown expectation", "POST / HTTP/1.1\r\nHost: h\r\nExpect: 200-maybe\r\nContent-Length: 1\r\n\r\n", 417},
    {"chunk without size", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", 400},
    {"negative chunk", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", 400},
    {"chunk in 0x", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n", 400},
    {"chunk size with space", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3 \r\nabc\r\n", 400},
    {"chunk size that wraps", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000003\r\n", 413},
    {"chunk over limit", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n41\r\n", 413},
    {"chunks over limit", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n40\r\n", 413},
    {"chunk longer than told", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", 400},
    {"chunk ended by LF", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\n", 400},
    {"chunk size ended by LF", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n", 400},
    {"long extension", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 400},
    {"bad trailer", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nnonsense\r\n\r\n", 400},
    {"five empty lines", "\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
};

TEST(RequestFramer, RefusesWhatCanBeReadInTwoWays) {
    for (const auto& [name, bytes, status] : kRefused) {
        SCOPED_TRACE(name);
        const RequestFramer framer = framed(bytes, kSmall);
        ASSERT_EQ(framer.state(), State::Refused);
        EXPECT_EQ(framer.refusal().status, status);
        EXPECT_FALSE(framer.refusal().code.empty());
        EXPECT_FALSE(framer.refusal().detail.empty());
    }
}

// A refusal must not wait for bytes that may never come.
TEST(RequestFramer, RefusesAtTheFirstByteThatIsWrong) {
    EXPECT_EQ(framed("GET / HTTP/1.1\n").state(), State::Refused);
    EXPECT_EQ(framed("GET / HTTP/1.1\rX").state(), State::Refused);
    EXPECT_EQ(framed("GET /\x01").state(), State::Refused);
    EXPECT_EQ(framed("GET / HTTP/1.1\r\nHost: h\r\n\n").state(), State::Refused);
    EXPECT_EQ(framed("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n").state(), State::Refused);
    EXPECT_EQ(framed("GET / HTTP/1.1\r").state(), State::Incomplete);
}

TEST(RequestFramer, AcceptsWhatTheStandardAllows) {
    const struct {
        const char* name;
        std::string_view bytes;
        std::string_view body;
    } cases[] = {
        {"chunks", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n", "abcdefg"},
        {"upper case coding", "POST / HTTP/1.1\r\nHost: h\r\nTRANSFER-ENCODING: CHUNKED\r\n\r\n1\r\na\r\n0\r\n\r\n", "a"},
        {"extensions", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b;c=\"d\"\r\nabc\r\n0;x\r\n\r\n", "abc"},
        {"trailers", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\nHost: evil\r\n\r\n", "abc"},
        {"leading zeros", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0003\r\nabc\r\n000\r\n\r\n", "abc"},
        {"binary chunk", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"},
        {"length zero", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", ""},
        {"zeros before length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 003\r\n\r\nabc", "abc"},
        {"empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", ""},
        {"IPv6 host", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", ""},
        {"HTTP/1.0 without host", "GET / HTTP/1.0\r\n\r\n", ""},
        {"UTF-8 in value", "GET / HTTP/1.1\r\nHost: h\r\nX-A: \xc3\xa9\r\n\r\n", ""},
        {"body at the limit", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 64\r\n\r\n"
                              "0123456789012345678901234567890123456789012345678901234567890123",
         "0123456789012345678901234567890123456789012345678901234567890123"},
    };
    for (const auto& [name, bytes, body] : cases) {
        SCOPED_TRACE(name);
        RequestFramer framer = framed(bytes, kSmall);
        ASSERT_EQ(framer.state(), State::Complete) << framer.refusal().detail;
        EXPECT_EQ(framer.take().body, body);
    }
}

TEST(RequestFramer, TrailersNeverBecomeHeaders) {
    RequestFramer framer = framed("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Admin: yes\r\n\r\n");
    ASSERT_EQ(framer.state(), State::Complete);
    EXPECT_FALSE(framer.take().headers.contains("x-admin"));
}

TEST(RequestFramer, KeepsOrClosesAsAsked) {
    const struct {
        std::string_view bytes;
        bool keep;
    } cases[] = {
        {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, CLOSE\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: h\r\nConnection: closed\r\n\r\n", true},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
        {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
    };
    for (const auto& [bytes, keep] : cases) {
        SCOPED_TRACE(bytes);
        RequestFramer framer = framed(bytes);
        ASSERT_EQ(framer.state(), State::Complete);
        EXPECT_EQ(framer.take().keep_alive, keep);
    }
}

TEST(RequestFramer, SaysOnceThatTheClientWaitsForAnInvitation) {
    RequestFramer framer = framed("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n\r\n");
    EXPECT_TRUE(framer.take_continue());
    EXPECT_FALSE(framer.take_continue());
    framer.feed("abc");
    EXPECT_EQ(framer.state(), State::Complete);

    EXPECT_FALSE(framed("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\na").take_continue());
    EXPECT_FALSE(framed("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n").take_continue());
    EXPECT_FALSE(framed("POST / HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n").take_continue());
}

TEST(RequestFramer, BoundsTheHead) {
    const std::string long_value(300, 'a');
    EXPECT_EQ(framed("GET / HTTP/1.1\r\nHost: h\r\nX-A: " + long_value, kSmall).refusal().status, 431);
    EXPECT_EQ(framed("GET /" + long_value, kSmall).refusal().status, 414);
    EXPECT_EQ(framed("GET / HTTP/1.1\r\nHost: h\r\na:\r\na:\r\na:\r\na:\r\na:\r\n", kSmall).refusal().status, 431);
    std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
    for (int i = 0; i < 4; ++i) many += "x-" + std::string(70, 'b') + ": 1\r\n";
    EXPECT_EQ(framed(many, kSmall).refusal().status, 431);
    const std::string chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n";
    EXPECT_EQ(framed(chunked + "X-A: " + long_value, kSmall).refusal().status, 431);
}

TEST(RequestFramer, BoundsWhatTheFramingOfChunksCosts) {
    const FramingLimits limits{.max_header_bytes = 256, .max_body_bytes = 1024 * 1024, .max_chunk_line_bytes = 250};
    std::string wasteful = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 10; ++i) wasteful += "1;" + std::string(200, 'x') + "\r\na\r\n";
    EXPECT_EQ(framed(wasteful, limits).refusal().status, 400);
    std::string single_bytes = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 1000; ++i) single_bytes += "1\r\na\r\n";
    EXPECT_EQ(framed(single_bytes + "0\r\n\r\n", limits).state(), State::Complete);
}

std::vector<std::string> streams() {
    std::vector<std::string> all = {
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n\r\nGET /3 HTTP/1.0\r\n\r\n",
        "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab\r\ncGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\n\r\r\n0\r\nT: 1\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nabGET / HTTP/1.1\r\n",
    };
    for (const Refused& refused : kRefused) {
        all.push_back("GET /first HTTP/1.1\r\nHost: h\r\n\r\n" + std::string(refused.bytes));
    }
    return all;
}

TEST(RequestFramer, DeliveryByteByByteMeansTheSame) {
    for (const std::string& stream : streams()) {
        SCOPED_TRACE(stream);
        EXPECT_EQ(account(stream, {1}), account(stream, {stream.size()}));
    }
}

TEST(RequestFramer, DeliverySplitAnywhereMeansTheSame) {
    for (const std::string& stream : streams()) {
        const std::string whole = account(stream, {stream.size()});
        for (std::size_t split = 1; split < stream.size(); ++split) {
            ASSERT_EQ(account(stream, {split, stream.size()}), whole) << "split at " << split << " of: " << stream;
        }
    }
}

// Streams made by mutation of good ones: whatever they mean, they mean it however they are delivered, within bounded memory.
TEST(RequestFramer, MutatedStreamsMeanTheSameInAnyDelivery) {
    const unsigned seed = std::random_device{}();
    RecordProperty("seed", std::to_string(seed));
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto below = [&random](std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random); };
    const std::vector<std::string> seeds = streams();
    constexpr std::string_view kInteresting = "\r\n\r\n:; \t0129afHT/.,%\x01\x7f\xff";
    for (int round = 0; round < 20'000; ++round) {
        std::string stream = seeds[below(seeds.size())];
        for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
            const std::size_t place = below(stream.size());
            switch (below(4)) {
                case 0: stream[place] = kInteresting[below(kInteresting.size())]; break;
                case 1: stream.insert(place, 1, kInteresting[below(kInteresting.size())]); break;
                case 2: stream.erase(place, 1 + below(3)); break;
                default: stream.insert(place, stream.substr(below(stream.size()), below(40))); break;
            }
            if (stream.empty()) stream = "G";
        }
        const std::string whole = account(stream, {stream.size()});
        ASSERT_EQ(account(stream, {1}), whole) << stream;
        ASSERT_EQ(account(stream, {1 + below(7), 1 + below(19), 1 + below(5)}), whole) << stream;
        RequestFramer framer(kSmall);
        framer.feed(stream);
        ASSERT_LE(framer.held_bytes(), kSmall.max_header_bytes * 2 + kSmall.max_body_bytes);
    }
}

}  // namespace
}  // namespace platform::http
