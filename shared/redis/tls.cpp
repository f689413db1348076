#include "shared/redis/tls.hpp"

#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

namespace platform::redis {
namespace {

struct FreeSettings {
    void operator()(SSL_CTX* settings) const { SSL_CTX_free(settings); }
};
struct FreeSession {
    void operator()(SSL* session) const { SSL_free(session); }
};
using Settings = std::unique_ptr<SSL_CTX, FreeSettings>;
using Session = std::unique_ptr<SSL, FreeSession>;

std::unexpected<Error> refused(const std::string& why) {
    return fail(ErrorKind::Unavailable, "redis: TLS: " + why);
}

bool is_address(const std::string& name) {
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    return ::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 || ::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

/// Whom the certificate has to name. False when OpenSSL does not take the name.
bool expect(SSL& session, const std::string& name) {
    if (is_address(name)) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(&session), name.c_str()) == 1;
    SSL_set_hostflags(&session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(&session, name.c_str()) == 1 && SSL_set_tlsext_host_name(&session, name.c_str()) == 1;
}

}  // namespace

Result<void> start_tls(redisContext& connection, const std::string& ca_file, const std::string& server_name) {
    ERR_clear_error();
    const Settings settings{SSL_CTX_new(TLS_client_method())};
    if (!settings) return refused("no settings");
    SSL_CTX_set_min_proto_version(settings.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(settings.get(), SSL_VERIFY_PEER, nullptr);
    if (SSL_CTX_load_verify_locations(settings.get(), ca_file.c_str(), nullptr) != 1) {
        ERR_clear_error();
        return refused("no authority in the file " + ca_file);
    }
    Session session{SSL_new(settings.get())};
    if (!session || !expect(*session, server_name)) return refused("the server's name is not usable");
    SSL* const raw = session.get();
    if (redisInitiateSSL(&connection, raw) != REDIS_OK) {
        const long verdict = SSL_get_verify_result(raw);  // NOLINT(google-runtime-int): OpenSSL's type
        const bool certificate = verdict != X509_V_OK;
        ERR_clear_error();
        return refused(certificate ? X509_verify_cert_error_string(verdict) : connection.errstr);
    }
    static_cast<void>(session.release());  // the connection owns it now
    return {};
}

}  // namespace platform::redis
