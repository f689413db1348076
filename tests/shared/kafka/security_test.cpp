#include "shared/kafka/security.hpp"

#include <gtest/gtest.h>

namespace platform::kafka {
namespace {

using Protocol = Security::Protocol;

TEST(KafkaSecurity, KafkasOwnNamesAreKnownAndNoOthers) {
    EXPECT_EQ(parse_protocol("PLAINTEXT"), Protocol::Plaintext);
    EXPECT_EQ(parse_protocol("SSL"), Protocol::Ssl);
    EXPECT_EQ(parse_protocol("SASL_PLAINTEXT"), Protocol::SaslPlaintext);
    EXPECT_EQ(parse_protocol("SASL_SSL"), Protocol::SaslSsl);
    for (const char* wrong : {"", "ssl", "TLS", "SASL_SSL "}) EXPECT_FALSE(parse_protocol(wrong)) << wrong;
}

TEST(KafkaSecurity, EachProtocolSetsWhatItNeedsAndNothingElse) {
    Security security{.ca_file = "/ca.crt", .username = "order", .password = "secret"};
    EXPECT_TRUE(security.properties().empty());

    security.protocol = Protocol::Ssl;
    const std::map<std::string, std::string> checked{
        {"enable.ssl.certificate.verification", "true"},
        {"security.protocol", "ssl"},
        {"ssl.ca.location", "/ca.crt"},
        {"ssl.endpoint.identification.algorithm", "https"},
    };
    EXPECT_EQ(security.properties(), checked);

    security.protocol = Protocol::SaslPlaintext;
    const std::map<std::string, std::string> known{
        {"sasl.mechanism", "SCRAM-SHA-512"},
        {"sasl.password", "secret"},
        {"sasl.username", "order"},
        {"security.protocol", "sasl_plaintext"},
    };
    EXPECT_EQ(security.properties(), known);

    security.protocol = Protocol::SaslSsl;
    auto both = known;
    both.insert(checked.begin(), checked.end());
    both["security.protocol"] = "sasl_ssl";
    EXPECT_EQ(security.properties(), both);
}

}  // namespace
}  // namespace platform::kafka
