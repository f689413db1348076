#include "services/notification/adapters/smtp_transport.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <format>
#include <string_view>
#include <utility>

namespace platform::notification {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kLineLength = 76;  // RFC 2045 §6.8

std::string base64(std::string_view bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        unsigned group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            group = (group << 8U) | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out += k <= count ? kBase64[(group >> (18U - 6U * k)) & 63U] : '=';
        }
    }
    return out;
}

/// A header value that stays on its line: control characters become blanks.
std::string one_line(std::string_view text) {
    std::string line{text};
    std::ranges::replace_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7f; }, ' ');
    return line;
}

struct Upload {
    std::string_view rest;
};

std::size_t read_upload(char* out, std::size_t size, std::size_t count, void* user) {
    auto* upload = static_cast<Upload*>(user);
    const std::size_t length = std::min(size * count, upload->rest.size());
    std::memcpy(out, upload->rest.data(), length);
    upload->rest.remove_prefix(length);
    return length;
}

/// Which command of the dialogue the server answered last. libcurl's codes do not tell: a refused recipient and a refused sender are both CURLE_SEND_ERROR.
enum class Stage : std::uint8_t { Session, Recipient, Content };

int note_stage(CURL* /*handle*/, curl_infotype type, char* text, std::size_t size, void* user) {
    auto& stage = *static_cast<Stage*>(user);
    if (type == CURLINFO_DATA_OUT) stage = Stage::Content;
    if (type != CURLINFO_HEADER_OUT) return 0;
    const std::string_view command{text, size};
    if (command.starts_with("RCPT ")) {
        stage = Stage::Recipient;
    } else if (command.starts_with("DATA")) {
        stage = Stage::Content;
    } else {
        stage = Stage::Session;
    }
    return 0;
}

/// UTF-8 text as encoded words (RFC 2047), one a line, none longer than a line of a header may be and none within a character.
std::string encoded_words(std::string_view text) {
    constexpr std::size_t kBytes = 39;  // 52 characters of base64, 64 with their frame
    std::string words;
    while (!text.empty()) {
        std::size_t length = std::min(kBytes, text.size());
        while (length > 1 && length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
        words += (words.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + base64(text.substr(0, length)) + "?=";
        text.remove_prefix(length);
    }
    return words;
}

/// Lines end with CRLF in a mail, whatever the template had.
std::string canonical(std::string_view text) {
    std::string lines;
    for (const char c : text) {
        if (c == '\r') continue;
        if (c == '\n') lines += '\r';
        lines += c;
    }
    return lines + "\r\n";
}

/// A final no to a recipient or to a message stays a no. Anything else (greeting, login, sender, no answer, no connection) is about us or the
/// server, and may be mended.
Obstacle to_obstacle(CURLcode code, long answer, Stage stage) {
    constexpr long kClosing = 421;
    constexpr long kPermanent = 500;
    const std::string what = std::format("SMTP: {} (answer {})", curl_easy_strerror(code), answer);
    if (code == CURLE_OPERATION_TIMEDOUT) return {.error = {.kind = ErrorKind::Timeout, .what = what}, .for_all = true};
    const bool answered = code != CURLE_RECV_ERROR && code != CURLE_GOT_NOTHING && answer >= 400 && answer != kClosing;
    const bool of_message = answered && stage != Stage::Session;
    const bool refused = of_message && answer >= kPermanent;
    return {.error = {.kind = refused ? ErrorKind::Invalid : ErrorKind::Unavailable, .what = what}, .for_all = !of_message};
}

Obstacle never(ErrorKind kind, std::string what) {
    return {.error = {.kind = kind, .what = std::move(what)}};
}

}  // namespace

struct SmtpTransport::Impl {
    Options options;
    const Clock& clock;
    CURL* handle = curl_easy_init();

    Impl(Options chosen, const Clock& time) : options(std::move(chosen)), clock(time) {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl() { curl_easy_cleanup(handle); }
};

SmtpTransport::SmtpTransport(Options options, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}

SmtpTransport::~SmtpTransport() = default;

std::expected<void, Obstacle> SmtpTransport::send(const Message& message) {
    if (impl_->handle == nullptr) return std::unexpected(never(ErrorKind::Internal, "no SMTP client"));
    if (message.recipient.find('@') == std::string::npos) return std::unexpected(never(ErrorKind::Invalid, "no e-mail address"));
    const auto& options = impl_->options;
    const std::string mail = to_mail(message, options.from, impl_->clock.wall());
    const std::string to = "<" + one_line(message.recipient) + ">";
    Upload upload{mail};
    Stage stage = Stage::Session;
    CURL* handle = impl_->handle;
    curl_easy_reset(handle);
    const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(options.timeout).count();
    curl_slist* recipients = curl_slist_append(nullptr, to.c_str());
    curl_easy_setopt(handle, CURLOPT_URL, options.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(handle, CURLOPT_MAIL_FROM, options.from.c_str());
    curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, recipients);
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, read_upload);
    curl_easy_setopt(handle, CURLOPT_READDATA, &upload);
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L);  // or note_stage is not called; nothing is printed
    curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, note_stage);
    curl_easy_setopt(handle, CURLOPT_DEBUGDATA, &stage);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(millis));
    curl_easy_setopt(handle, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_TRY));
    if (!options.user.empty()) {
        curl_easy_setopt(handle, CURLOPT_USERNAME, options.user.c_str());
        curl_easy_setopt(handle, CURLOPT_PASSWORD, options.password.c_str());
        curl_easy_setopt(handle, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    }
    const CURLcode code = curl_easy_perform(handle);
    long answer = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer);
    curl_slist_free_all(recipients);
    if (code != CURLE_OK) return std::unexpected(to_obstacle(code, answer, stage));
    return {};
}

std::string to_mail(const Message& message, const std::string& from, WallTime now) {
    const std::string encoded = base64(canonical(message.body));
    std::string body;
    for (std::size_t at = 0; at < encoded.size(); at += kLineLength) body += encoded.substr(at, kLineLength) + "\r\n";
    return std::format(
        "Date: {:%a, %d %b %Y %T} +0000\r\n"
        "From: {}\r\n"
        "To: {}\r\n"
        "Message-ID: <{}>\r\n"
        "Subject: {}\r\n"
        "X-Correlation-Id: {}\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "\r\n{}",
        std::chrono::floor<std::chrono::seconds>(now),
        one_line(from),
        one_line(message.recipient),
        one_line(message.message_id),
        encoded_words(one_line(message.subject)),
        one_line(message.correlation_id),
        body
    );
}

}  // namespace platform::notification
