#include "shared/mysql/session.hpp"
#include "tests/backends/certificates.hpp"
#include "tests/backends/mysql_server.hpp"
#include "tests/backends/wait.hpp"

#include <gtest/gtest.h>

#include <string>

namespace platform::mysql {
namespace {

using test::Authority;
using test::MysqlServer;

/// The server's second address: for 127.0.0.1 the client library trusts whoever answers to be this machine.
constexpr const char* kHost = "127.0.0.2";
constexpr const char* kNames = "DNS:mysql,IP:127.0.0.2";

class SessionTlsTest : public testing::Test {
protected:
    SessionTlsTest() {
        options.host = kHost;
        options.tls_ca = authority.ca();
    }

    /// The server shows this certificate from now on.
    void serve(const Authority::Certificate& shown) const {
        const MysqlServer& server = MysqlServer::instance();
        server.run("SET GLOBAL ssl_ca = '" + authority.ca() + "'");
        server.run("SET GLOBAL ssl_cert = '" + shown.certificate + "'");
        server.run("SET GLOBAL ssl_key = '" + shown.key + "'");
        server.run("ALTER INSTANCE RELOAD TLS");
    }
    [[nodiscard]] static std::string cipher(Session& session) {
        auto rows = session.query(Sql("SHOW SESSION STATUS LIKE 'Ssl_cipher'"));
        return rows && rows->size() == 1 ? rows->front().text(1) : "";
    }

    Options options = MysqlServer::instance().fresh_database();
    Authority authority;
    Authority stranger;
};

TEST_F(SessionTlsTest, AGoodCertificateIsTakenAndTheSessionIsEncrypted) {
    serve(authority.issue(kNames));
    auto session = Session::connect(options);
    ASSERT_TRUE(session.has_value()) << session.error().what;
    EXPECT_NE(cipher(**session), "");
}

TEST_F(SessionTlsTest, AnyOtherCertificateIsRefusedAndTheReasonTold) {
    struct Case {
        const char* what;
        Authority::Certificate shown;
        std::string trusted;
    };
    for (const auto& [what, shown, trusted] : {
             Case{"another name", authority.issue("DNS:elsewhere,IP:127.0.0.9"), authority.ca()},
             Case{"unknown authority", authority.issue(kNames), stranger.ca()},
         }) {
        SCOPED_TRACE(what);
        serve(shown);
        options.tls_ca = trusted;
        auto refused = Session::connect(options);
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().kind, ErrorKind::Unavailable) << refused.error().what;
        EXPECT_TRUE(refused.error().what.starts_with("2026 ")) << refused.error().what;
        RecordProperty(what, refused.error().what);
    }
}

/// MySQL refuses to load one that is past, so it expires while the server shows it.
TEST_F(SessionTlsTest, ACertificateThatExpiresMeanwhileIsRefusedAndTheReasonTold) {
    serve(authority.issue(kNames, Authority::Validity::Seconds));
    ASSERT_TRUE(Session::connect(options).has_value()) << "it is valid still";
    std::string why;
    EXPECT_TRUE(test::wait_until([&] {
        auto session = Session::connect(options);
        if (!session) why = session.error().what;
        return !session;
    }));
    EXPECT_TRUE(why.starts_with("2026 ")) << why;
    EXPECT_NE(why.find("expired"), std::string::npos) << why;
}

TEST_F(SessionTlsTest, AServerThatWantsTlsRefusesAPlainClient) {
    serve(authority.issue(kNames));
    auto admin = Session::connect(options);
    ASSERT_TRUE(admin.has_value()) << admin.error().what;
    ASSERT_TRUE((*admin)->execute(Sql("SET GLOBAL require_secure_transport = ON")));
    Options plain = options;
    plain.tls_ca.clear();
    auto refused = Session::connect(plain);
    auto encrypted = Session::connect(options);
    EXPECT_TRUE((*admin)->execute(Sql("SET GLOBAL require_secure_transport = OFF")));
    EXPECT_TRUE(encrypted.has_value()) << encrypted.error().what;
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::Denied) << refused.error().what;
}

}  // namespace
}  // namespace platform::mysql
