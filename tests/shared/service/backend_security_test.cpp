#include "shared/service/backend_security.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace platform::service {
namespace {

using Environment = std::map<std::string, std::string>;
using Protocol = kafka::Security::Protocol;

class BackendSecurity : public testing::Test {
protected:
    BackendSecurity() {
        std::filesystem::create_directories(folder_);
        std::ofstream(ca()) << "-----BEGIN CERTIFICATE-----\n";
        std::ofstream(password_file()) << "from a file\n";
    }
    ~BackendSecurity() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string ca() const { return (folder_ / "ca.crt").string(); }
    [[nodiscard]] std::string password_file() const { return (folder_ / "password").string(); }

    template <class Read>
    static auto read(const Environment& environment, Read what) {
        const auto source = config::Source::of(environment);
        config::Reader reader(source);
        auto value = what(reader);
        reader.finish();
        return value;
    }
    /// The one line with which both readers together refuse these settings.
    static std::string refusal(const Environment& environment) {
        try {
            (void)read(environment, [](config::Reader& reader) {
                return read_mysql_authorities(reader) + read_kafka_security(reader).username;
            });
        } catch (const config::SettingError& e) {
            return e.what();
        }
        return "taken";
    }

private:
    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("backend_security_test." + std::to_string(getpid()));
};

TEST_F(BackendSecurity, NothingIsEncryptedUnlessAskedFor) {
    EXPECT_EQ(read({}, read_mysql_authorities), "");
    const auto kafka = read({}, read_kafka_security);
    EXPECT_EQ(kafka.protocol, Protocol::Plaintext);
    EXPECT_TRUE(kafka.properties().empty());
}

TEST_F(BackendSecurity, WhatIsAskedForIsRead) {
    EXPECT_EQ(read({{"MYSQL_TLS", "required-verified"}, {"MYSQL_TLS_CA", ca()}}, read_mysql_authorities), ca());
    const auto kafka = read(
        {{"KAFKA_SECURITY_PROTOCOL", "SASL_SSL"},
         {"KAFKA_TLS_CA", ca()},
         {"KAFKA_SASL_MECHANISM", "SCRAM-SHA-256"},
         {"KAFKA_SASL_USERNAME", "order"},
         {"KAFKA_SASL_PASSWORD_FILE", password_file()}},
        read_kafka_security
    );
    EXPECT_EQ(kafka.protocol, Protocol::SaslSsl);
    EXPECT_EQ(kafka.ca_file, ca());
    EXPECT_EQ(kafka.mechanism, "SCRAM-SHA-256");
    EXPECT_EQ(kafka.username, "order");
    EXPECT_EQ(kafka.password, "from a file");
    EXPECT_EQ(
        read({{"KAFKA_SECURITY_PROTOCOL", "SSL"}, {"KAFKA_TLS_CA", ca()}}, read_kafka_security).protocol, Protocol::Ssl
    );
}

TEST_F(BackendSecurity, AWrongOneIsRefusedByName) {
    const Environment user{{"KAFKA_SASL_USERNAME", "order"}, {"KAFKA_SASL_PASSWORD", "hush hush"}};
    const auto with = [](Environment more, const Environment& base) {
        more.insert(base.begin(), base.end());
        return more;
    };
    struct Case {
        Environment environment;
        std::string names;
    };
    for (const auto& [environment, names] : {
             Case{{{"MYSQL_TLS", "preferred"}}, "MYSQL_TLS: 'preferred'"},
             Case{{{"MYSQL_TLS", "preferred"}, {"MYSQL_TLS_CA", ca()}}, "MYSQL_TLS: 'preferred'"},
             Case{{{"MYSQL_TLS", "required-verified"}}, "MYSQL_TLS_CA: must be set"},
             Case{{{"MYSQL_TLS", "required-verified"}, {"MYSQL_TLS_CA", "/no/such"}}, "MYSQL_TLS_CA: the file '/no/such' cannot be read"},
             Case{{{"MYSQL_TLS_CA", ca()}}, "MYSQL_TLS_CA: "},
             Case{{{"KAFKA_SECURITY_PROTOCOL", "TLS"}}, "KAFKA_SECURITY_PROTOCOL: 'TLS'"},
             Case{{{"KAFKA_SECURITY_PROTOCOL", "SSL"}}, "KAFKA_TLS_CA: must be set"},
             Case{{{"KAFKA_SECURITY_PROTOCOL", "SSL"}, {"KAFKA_TLS_CA", password_file()}}, "KAFKA_TLS_CA: the file"},
             Case{{{"KAFKA_TLS_CA", ca()}}, "KAFKA_TLS_CA: "},
             Case{{{"KAFKA_SASL_MECHANISM", "PLAIN"}}, "KAFKA_SASL_MECHANISM: 'PLAIN'"},
             Case{{{"KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT"}}, "KAFKA_SASL_USERNAME: must be set"},
             Case{{{"KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT"}, {"KAFKA_SASL_USERNAME", "order"}}, "KAFKA_SASL_PASSWORD: must be set"},
             Case{user, "KAFKA_SASL_USERNAME: is given"},
             Case{with({{"KAFKA_SECURITY_PROTOCOL", "SASL_SSL"}}, user), "KAFKA_TLS_CA: must be set"},
         }) {
        const std::string line = refusal(environment);
        EXPECT_TRUE(line.starts_with(names)) << line;
        EXPECT_FALSE(line.contains("hush")) << line;
    }
    EXPECT_EQ(refusal(with({{"KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT"}}, user)), "taken");
}

TEST_F(BackendSecurity, ThePasswordIsMarkedAsASecret) {
    const auto source = config::Source::of({});
    config::Reader reader(source);
    (void)read_kafka_security(reader);
    bool found = false;
    for (const config::Row& row : reader.rows()) {
        EXPECT_EQ(row.secret, row.name == "KAFKA_SASL_PASSWORD") << row.name;
        found = found || row.secret;
    }
    EXPECT_TRUE(found);
}

}  // namespace
}  // namespace platform::service
