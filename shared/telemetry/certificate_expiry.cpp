#include "shared/telemetry/certificate_expiry.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <chrono>
#include <ctime>
#include <limits>
#include <memory>

namespace platform::metrics {
namespace {

struct CloseFile {
    void operator()(BIO* file) const { BIO_free(file); }
};
struct FreeCertificate {
    void operator()(X509* certificate) const { X509_free(certificate); }
};
using File = std::unique_ptr<BIO, CloseFile>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;

std::optional<WallTime> end_of(const X509& certificate) {
    std::tm utc{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &utc) != 1) return std::nullopt;
    return WallTime{std::chrono::seconds(::timegm(&utc))};
}

}  // namespace

std::optional<WallTime> earliest_end(const std::string& path) {
    const File file{BIO_new_file(path.c_str(), "rb")};
    std::optional<WallTime> earliest;
    while (file) {
        const Certificate certificate{PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr)};
        if (!certificate) break;
        const auto end = end_of(*certificate);
        if (end && (!earliest || *end < *earliest)) earliest = end;
    }
    ERR_clear_error();  // the end of a file is one, and would be taken for that of the thread's next call
    return earliest;
}

void export_expiry(Registry& registry, const Clock& clock, const std::string& bundle, const std::string& path) {
    if (path.empty()) return;
    registry.gauge_from(
        "ssl_chain_expiry_seconds",
        "Time until the first of the trusted certificates ends",
        {{"bundle", bundle}},
        [path, &clock] {
            const auto end = earliest_end(path);
            return end ? std::chrono::duration<double>(*end - clock.wall()).count() : std::numeric_limits<double>::quiet_NaN();
        }
    );
}

}  // namespace platform::metrics
