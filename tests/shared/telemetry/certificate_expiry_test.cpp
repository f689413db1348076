#include "shared/telemetry/certificate_expiry.hpp"

#include "shared/core/time_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

namespace platform::metrics {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Of no authority; made with openssl(1), and so are their ends.
constexpr const char* kUntil2030 = R"(-----BEGIN CERTIFICATE-----
MIIBFzCBvwIURa8uuJ7qcJe0gH0KAKKMUHsH6BUwCgYIKoZIzj0EAwIwDzENMAsG
A1UEAwwEdGVzdDAeFw0yNjAxMDEwMDAwMDBaFw0zMDAxMDIwMzA0MDVaMA8xDTAL
BgNVBAMMBHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATW4Dg6ZNHAzV5Q
Oq9nyGlBG2gsKi80vaY0Wo/XNUHKdOE6cUGOgSb6YWfDrA+4qzfmbRJNzRtSDHDh
ivAdlT4gMAoGCCqGSM49BAMCA0cAMEQCIC4JWTyKA9UOqwBLKDrlnJ9LdRT3cFJ1
coxU8i6kgCZrAiAFUgidNHct1sPHkFhWkFTtZqBBVQ6YI75gfsg6GzsKLw==
-----END CERTIFICATE-----
)";
constexpr const char* kUntil2028 = R"(-----BEGIN CERTIFICATE-----
MIIBGTCBvwIUEed4mfyCnV9W//1PdAA/e32cAoowCgYIKoZIzj0EAwIwDzENMAsG
A1UEAwwEdGVzdDAeFw0yNjAxMDEwMDAwMDBaFw0yODAyMjkyMzU5NTlaMA8xDTAL
BgNVBAMMBHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQFQLf+MafvQkMB
ViVH8vEnKRbcRbPkpINxl8/ZG8XnDhe4X36KA7GagMZ3r9Mek0W/wp+XcOdv1fOp
/LWOufzuMAoGCCqGSM49BAMCA0kAMEYCIQCbAkvSDc7u8PZiVF5RICXbLA+tHCCK
A7pPzr0i6Kl+/AIhAKSRF+UkDAER/r/fhs1cuNkgrs5Wbb25ECAgcPKrdnuw
-----END CERTIFICATE-----
)";
constexpr const char* kKey = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";

class CertificateExpiry : public testing::Test {
protected:
    ~CertificateExpiry() override { std::filesystem::remove(path_); }

    void hold(const std::string& text) const { std::ofstream(path_, std::ios::trunc) << text; }
    [[nodiscard]] std::string end() const {
        const auto end = earliest_end(path_.string());
        return end ? to_rfc3339(*end) : "none";
    }

    const std::filesystem::path path_ = std::filesystem::temp_directory_path() / ("certificate_expiry_test." + std::to_string(getpid()));
};

TEST_F(CertificateExpiry, IsThatOfTheFirstToEndWhereverItStands) {
    const std::string early(kUntil2028);
    const std::string late(kUntil2030);
    for (const auto& [text, wanted] : {
             std::pair{late, "2030-01-02T03:04:05.000000Z"},
             std::pair{late + early, "2028-02-29T23:59:59.000000Z"},
             std::pair{early + late, "2028-02-29T23:59:59.000000Z"},
             std::pair{"text of openssl(1)\n" + std::string(kKey) + late, "2030-01-02T03:04:05.000000Z"},
             std::pair{std::string(kKey), "none"},
             std::pair{std::string(), "none"},
             std::pair{early.substr(0, early.size() / 2), "none"},
         }) {
        hold(text);
        EXPECT_EQ(end(), wanted) << text;
    }
}

TEST_F(CertificateExpiry, OfAFileThatIsNotThereIsNone) {
    EXPECT_EQ(end(), "none");
}

TEST_F(CertificateExpiry, IsToldAtEachScrapeOfTheFileAsItIsThen) {
    const FakeClock clock{};
    Registry registry("order");
    export_expiry(registry, clock, "mysql", path_.string());
    const auto told = [&](const std::string& value) { return HasSubstr("\nssl_chain_expiry_seconds{application=\"order\",bundle=\"mysql\"} " + value + "\n"); };
    EXPECT_THAT(registry.scrape(), HasSubstr("# TYPE ssl_chain_expiry_seconds gauge\n"));
    EXPECT_THAT(registry.scrape(), told("Nan"));
    hold(kUntil2028);
    const auto seconds = [&] { return std::chrono::floor<std::chrono::seconds>(*earliest_end(path_.string()) - clock.wall()).count(); };
    EXPECT_THAT(registry.scrape(), told(std::to_string(seconds())));
    hold(kUntil2030);
    EXPECT_THAT(registry.scrape(), told(std::to_string(seconds())));
}

TEST_F(CertificateExpiry, IsNegativeAfterwards) {
    FakeClock clock;
    Registry registry("order");
    hold(kUntil2028);
    export_expiry(registry, clock, "kafka", path_.string());
    clock.advance(*earliest_end(path_.string()) - clock.wall() + std::chrono::seconds(90));
    EXPECT_THAT(registry.scrape(), HasSubstr("bundle=\"kafka\"} -90\n"));
}

TEST_F(CertificateExpiry, IsNotToldWhereNothingIsEncrypted) {
    const FakeClock clock{};
    Registry registry("order");
    export_expiry(registry, clock, "redis", "");
    EXPECT_THAT(registry.scrape(), Not(HasSubstr("ssl_chain_expiry")));
}

}  // namespace
}  // namespace platform::metrics
