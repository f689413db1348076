#include "shared/http/client.hpp"

#include "shared/http/characters.hpp"

#include <algorithm>
#include <mutex>
#include <string_view>

#include <curl/curl.h>

namespace platform::http {
namespace {

constexpr long kKeptConnectionAgeSeconds = 60;  // below the server's idle limit, so that few are found closed
constexpr long kDnsCacheSeconds = 5;            // pods come and go behind a headless service

struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

struct Receiver {
    ClientResponse response;
    std::size_t max_bytes = 0;
    bool too_large = false;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
    auto& receiver = *static_cast<Receiver*>(user);
    const std::size_t bytes = size * count;
    if (bytes > receiver.max_bytes - receiver.response.body.size()) {
        receiver.too_large = true;
        return 0;
    }
    receiver.response.body.append(data, bytes);
    return bytes;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* user) {
    auto& headers = static_cast<Receiver*>(user)->response.headers;
    std::string_view line(data, size * count);
    if (line.starts_with("HTTP/")) {
        headers.clear();  // of an interim answer
        return line.size();
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return line.size();
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(), lower_case);
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && std::string_view(" \t\r\n").contains(value.front())) value.remove_prefix(1);
    while (!value.empty() && std::string_view(" \t\r\n").contains(value.back())) value.remove_suffix(1);
    const auto [place, fresh] = headers.try_emplace(std::move(name), value);
    if (!fresh) place->second.append(", ").append(value);
    return line.size();
}

bool clean(std::string_view text) {
    return std::ranges::none_of(text, is_forbidden_control);
}

long milliseconds(Duration duration) {
    // 0 would mean "no limit" to libcurl.
    return std::max(1L, static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(duration).count()));
}

/// A URL without what nobody may read in a log: user and password, and the query.
std::string harmless(std::string_view url) {
    constexpr std::string_view kAuthority = "://";
    std::string text(url.substr(0, url.find_first_of("?#")));
    const std::size_t scheme = text.find(kAuthority);
    if (scheme == std::string::npos) return text;
    const std::size_t begin = scheme + kAuthority.size();
    const std::size_t at = text.rfind('@', text.find('/', begin));
    if (at != std::string::npos && at >= begin) text.erase(begin, at + 1 - begin);
    return text;
}

Result<HeaderList> header_list(const ClientRequest& request) {
    HeaderList list;
    const auto append = [&list](const std::string& line) {
        curl_slist* longer = curl_slist_append(list.get(), line.c_str());
        if (longer == nullptr) return false;
        static_cast<void>(list.release());
        list.reset(longer);
        return true;
    };
    bool good = append("Expect:");  // no round trip before a large body
    for (const auto& [name, value] : request.headers) {
        if (name.empty() || !std::ranges::all_of(name, is_token_character) || !clean(value)) {
            return fail(ErrorKind::Invalid, "a request header is not valid: " + name);
        }
        good = good && append(value.empty() ? name + ";" : name + ": " + value);
    }
    if (!good) return fail(ErrorKind::Internal, "out of memory for request headers");
    return list;
}

}  // namespace

struct Client::Impl {
    CURL* handle = nullptr;
    char error[CURL_ERROR_SIZE] = {};

    Impl() {
        static std::once_flag once;
        std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
        handle = curl_easy_init();
    }
    ~Impl() { curl_easy_cleanup(handle); }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    void prepare(const ClientRequest& request, curl_slist* headers, Receiver& receiver);
    Error to_error(CURLcode code, const ClientRequest& request, const Receiver& receiver);
};

void Client::Impl::prepare(const ClientRequest& request, curl_slist* headers, Receiver& receiver) {
    curl_easy_reset(handle);  // keeps connections
    error[0] = '\0';
    const auto set = [this](CURLoption option, auto value) { curl_easy_setopt(handle, option, value); };
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_HTTPHEADER, headers);
    set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(std::min(request.connect_timeout, request.timeout)));
    set(CURLOPT_TIMEOUT_MS, milliseconds(request.timeout));
    set(CURLOPT_MAXAGE_CONN, kKeptConnectionAgeSeconds);
    set(CURLOPT_DNS_CACHE_TIMEOUT, kDnsCacheSeconds);
    set(CURLOPT_ERRORBUFFER, static_cast<char*>(error));
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, &receiver);
    set(CURLOPT_HEADERFUNCTION, &take_header);
    set(CURLOPT_HEADERDATA, &receiver);
    if (request.method == "HEAD") {
        set(CURLOPT_NOBODY, 1L);
    } else if (request.method != "GET" || !request.body.empty()) {
        const bool with_body = !request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
        if (with_body) {
            set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
            set(CURLOPT_POSTFIELDS, request.body.c_str());
        }
        set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
}

Error Client::Impl::to_error(CURLcode code, const ClientRequest& request, const Receiver& receiver) {
    const std::string what = request.method + " " + harmless(request.url) + ": " + (error[0] != '\0' ? error : curl_easy_strerror(code));
    curl_off_t handed_over = 0;  // time until the request could be sent; 0 when it never could
    curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &handed_over);
    const bool sent = handed_over > 0;
    switch (code) {
        case CURLE_URL_MALFORMAT:
        case CURLE_UNSUPPORTED_PROTOCOL: return {.kind = ErrorKind::Invalid, .what = what};
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION: return {.kind = ErrorKind::Unavailable, .what = what};
        case CURLE_OPERATION_TIMEDOUT: return {.kind = ErrorKind::Timeout, .what = what, .outcome_unknown = sent};
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
        case CURLE_PARTIAL_FILE: return {.kind = ErrorKind::Unavailable, .what = what, .outcome_unknown = true};
        case CURLE_WRITE_ERROR:
            if (receiver.too_large) {
                return {.kind = ErrorKind::Internal, .what = what + " (answer too large)", .outcome_unknown = true};
            }
            break;
        default: break;
    }
    return {.kind = ErrorKind::Internal, .what = what, .outcome_unknown = sent};
}

Client::Client() : impl_(std::make_unique<Impl>()) {}
Client::~Client() = default;

Result<ClientResponse> Client::send(const ClientRequest& request) {
    if (impl_->handle == nullptr) return fail(ErrorKind::Internal, "libcurl gave no handle");
    if (request.method.empty() || !std::ranges::all_of(request.method, is_token_character)) {
        return fail(ErrorKind::Invalid, "the method is not valid: " + request.method);
    }
    if (request.url.contains(' ') || !clean(request.url)) return fail(ErrorKind::Invalid, "the URL is not valid");
    if (request.timeout <= Duration::zero()) return fail(ErrorKind::Timeout, request.method + " " + harmless(request.url) + ": no time left");
    Result<HeaderList> headers = header_list(request);
    if (!headers) return std::unexpected(headers.error());

    Receiver receiver{.response = {}, .max_bytes = request.max_response_bytes};
    impl_->prepare(request, headers->get(), receiver);
    const CURLcode code = curl_easy_perform(impl_->handle);
    if (code != CURLE_OK) return fail(impl_->to_error(code, request, receiver));
    long status = 0;
    curl_easy_getinfo(impl_->handle, CURLINFO_RESPONSE_CODE, &status);
    receiver.response.status = static_cast<int>(status);
    return std::move(receiver.response);
}

}  // namespace platform::http
