#include "operator/kube/rest_transport.hpp"

#include <boost/asio/ssl/context.hpp>
#include <cpprest/containerstream.h>
#include <cpprest/http_client.h>
#include <pplx/threadpool.h>

#include <algorithm>
#include <cctype>
#include <mutex>
#include <stdexcept>

namespace platform::kube {
namespace {

namespace client = web::http::client;

/// The library's pool has 40 threads unless it is told first.
void limit_threads() {
    static std::once_flag once;
    std::call_once(once, [] { crossplat::threadpool::initialize_with_threads(RestTransport::kThreads); });
}

bool is_address(const std::string& host) {
    return host.find_first_not_of("0123456789.") == std::string::npos;
}

client::http_client_config config_of(const RestTransport::Options& options, Duration timeout, bool https) {
    client::http_client_config config;
    config.set_timeout(std::chrono::duration_cast<std::chrono::milliseconds>(timeout));
    if (https) {
        // Runs for every new connection.
        config.set_ssl_context_callback([ca = options.ca_file](boost::asio::ssl::context& context) {
            context.set_options(
                boost::asio::ssl::context::default_workarounds | boost::asio::ssl::context::no_sslv2 |
                boost::asio::ssl::context::no_sslv3 | boost::asio::ssl::context::no_tlsv1 |
                boost::asio::ssl::context::no_tlsv1_1
            );
            if (!ca.empty()) context.load_verify_file(ca);
        });
        // A server name must not be an address (RFC 6066).
        if (is_address(web::uri(options.base_url).host())) config.set_tlsext_sni_enabled(false);
    }
    return config;
}

/// An answer that never came: was it sent? The library cannot tell, so only reads are safe to call unsent.
Error to_error(const web::http::http_exception& thrown, const Request& request) {
    const bool timed_out = thrown.error_code() == std::errc::timed_out;
    return Error{
        .kind = timed_out ? ErrorKind::Timeout : ErrorKind::Unavailable,
        .what = request.method + " " + request.target + ": " + thrown.what(),
        .outcome_unknown = request.method != "GET"
    };
}

Error to_error(const std::exception& thrown, const Request& request) {
    return Error{
        .kind = ErrorKind::Unavailable,
        .what = request.method + " " + request.target + ": " + thrown.what(),
        .outcome_unknown = request.method != "GET"
    };
}

std::string lower_case(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return text;
}

/// Waits for the end of an answer's body and sees its exception: one that nobody saw ends the process.
void observe(const pplx::task<web::http::http_response>& task) {
    try {
        task.wait();
    } catch (const std::exception&) {
        return;  // the reader met the same fault and has reported it
    }
}

}  // namespace

struct RestTransport::Impl {
    Impl(Options given, TokenFile& file)
        : options(std::move(given)),
          token(file),
          https(options.base_url.starts_with("https://")),
          calls(options.base_url, config_of(options, options.timeout, https)),
          streams(options.base_url, config_of(options, options.stream_timeout, https)) {}

    Result<web::http::http_request> make(const Request& request) {
        web::http::http_request made(request.method);
        made.set_request_uri(web::uri(request.target));
        made.headers().add("Accept", "application/json");
        if (!request.body.empty()) made.set_body(request.body, request.content_type);
        std::string bearer = request.bearer_token;
        if (bearer.empty()) {
            auto own = token.token();
            if (!own) return fail(own.error());
            bearer = std::move(*own);
        }
        if (!bearer.empty()) made.headers().add("Authorization", "Bearer " + bearer);
        return made;
    }

    const Options options;
    TokenFile& token;
    const bool https;
    client::http_client calls;
    client::http_client streams;
};

RestTransport::RestTransport(Options options, TokenFile& token) {
    limit_threads();
    try {
        impl_ = std::make_unique<Impl>(std::move(options), token);
    } catch (const std::exception& e) {
        throw std::runtime_error(std::string("unusable address of the API server: ") + e.what());
    }
}

RestTransport::~RestTransport() = default;

Result<Response> RestTransport::send(const Request& request) try {
    const auto made = impl_->make(request);
    if (!made) return fail(made.error());
    auto answer = impl_->calls.request(*made).get();
    Response response{.status = answer.status_code()};
    const auto bytes = answer.extract_vector().get();
    response.body.assign(bytes.begin(), bytes.end());
    for (const auto& [name, value] : answer.headers()) response.headers[lower_case(name)] = value;
    return response;
} catch (const web::http::http_exception& e) {
    return fail(to_error(e, request));
} catch (const std::exception& e) {
    return fail(to_error(e, request));
}

Result<StreamEnd> RestTransport::stream(
    const Request& request,
    const std::function<bool(std::string&&)>& on_line,
    const std::stop_token& stop
) try {
    const auto made = impl_->make(request);
    if (!made) return fail(made.error());
    pplx::cancellation_token_source source;
    const std::stop_callback cancel(stop, [&source] { source.cancel(); });

    auto answer = impl_->streams.request(*made, source.get_token()).get();
    StreamEnd end{.status = answer.status_code()};
    if (end.status != web::http::status_codes::OK) {
        end.body = answer.extract_utf8string(true).get();
        return end;
    }
    const auto complete = answer.content_ready();
    try {
        auto body = answer.body();
        while (!stop.stop_requested()) {
            concurrency::streams::container_buffer<std::string> buffer;
            const auto read = body.read_line(buffer).get();
            if (read == 0 && body.is_eof()) break;
            std::string line = std::move(buffer.collection());
            if (line.size() > kMaxLineBytes) break;
            if (line.empty()) continue;
            ++end.lines;
            if (!on_line(std::move(line))) break;
        }
    } catch (const std::exception&) {
        // Silence, a reset and a cancel look alike here, and all mean: resume.
    }
    source.cancel();
    observe(complete);
    return end;
} catch (const web::http::http_exception& e) {
    return fail(to_error(e, request));
} catch (const std::exception& e) {
    return fail(to_error(e, request));
}

}  // namespace platform::kube
