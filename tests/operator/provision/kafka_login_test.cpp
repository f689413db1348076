#include "operator/provision/kafka_login.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace platform::provision {
namespace {

TEST(KafkaLogin, WithoutAuthoritiesThereIsNothingToSay) {
    TrustFile trust;
    EXPECT_TRUE(properties_of({.bootstrap_servers = "k:1", .user = "u", .password = "p"}, trust).value().empty());
}

TEST(KafkaLogin, WithThemTheAdministratorComesByTls) {
    TrustFile trust;
    const auto properties =
        properties_of({.bootstrap_servers = "k:1", .ca = "pem", .user = "admin", .password = "secret"}, trust).value();
    EXPECT_EQ(properties.at("security.protocol"), "sasl_ssl");
    EXPECT_EQ(properties.at("sasl.mechanism"), "SCRAM-SHA-512");
    EXPECT_EQ(properties.at("sasl.username"), "admin");
    EXPECT_EQ(properties.at("sasl.password"), "secret");
    EXPECT_TRUE(std::filesystem::exists(properties.at("ssl.ca.location")));
}

}  // namespace
}  // namespace platform::provision
