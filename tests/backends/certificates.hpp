#pragma once
#include "tests/backends/template_directory.hpp"

#include <filesystem>
#include <string>

namespace platform::test {

/// A certificate authority of a test's own, made with openssl(1); its files go with it. One thread.
class Authority {
public:
    /// Paths, all PEM; the key is PKCS#8.
    struct Certificate {
        std::string certificate;
        std::string key;
        std::string both;  ///< the key, then the certificate: what Kafka wants
    };
    enum class Validity : unsigned char { Today, LongPast, Seconds };  ///< Seconds: three from now on

    Authority();

    /// Path of the authority's own certificate.
    [[nodiscard]] std::string ca() const { return (directory_.path() / "ca.crt").string(); }
    /// `names` as in openssl's subjectAltName: "DNS:localhost,IP:127.0.0.1". Throws std::runtime_error with what openssl said.
    [[nodiscard]] Certificate issue(const std::string& names, Validity validity = Validity::Today);

private:
    TemporaryDirectory directory_;
    int issued_ = 0;
};

}  // namespace platform::test
