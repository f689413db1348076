#pragma once
#include "shared/kafka/access.hpp"
#include "shared/kafka/consumer.hpp"
#include "shared/kafka/security.hpp"
#include "shared/telemetry/metrics.hpp"
#include "tests/backends/certificates.hpp"
#include "tests/backends/kafka_broker.hpp"
#include "tests/backends/wait.hpp"

#include <memory>
#include <set>
#include <stdexcept>
#include <string>

namespace platform::kafka {

/// A real broker that asks for a user over TLS, gives rights to users, and shows bad certificates on two further listeners. One thread.
class SecureBroker {
public:
    static SecureBroker& instance() {
        static SecureBroker broker;
        return broker;
    }

    test::Authority authority;
    test::Authority stranger;
    test::KafkaBroker broker{{
        {.name = "GOOD", .protocol = "SASL_SSL", .certificate = authority.issue("DNS:kafka,IP:127.0.0.1").both},
        {.name = "ELSEWHERE", .protocol = "SSL", .certificate = authority.issue("DNS:elsewhere,IP:127.0.0.9").both},
        {.name = "PAST", .protocol = "SSL", .certificate = authority.issue("IP:127.0.0.1", test::Authority::Validity::LongPast).both},
    }};

    [[nodiscard]] Security security(const std::string& user, const std::string& password) const {
        return {.protocol = Security::Protocol::SaslSsl, .ca_file = authority.ca(), .username = user, .password = password};
    }
    /// Makes the user, and waits until the broker knows what it may do.
    void give(const std::string& user, const std::string& password, const std::set<Grant>& grants) {
        if (auto made = access_.provision(user, password, grants); !made) throw std::runtime_error(made.error().what);
        const bool known = test::wait_until([&] { return access_.as_wanted(user, grants).value_or(false); });
        if (!known) throw std::runtime_error("the rights of " + user + " did not appear");
    }

    /// A member of `group` at the good listener. Errors come when it polls.
    [[nodiscard]] std::unique_ptr<Consumer>
    consumer(const std::string& group, const std::string& topic, const Security& as, metrics::Registry& registry) {
        ConsumerOptions options;
        options.bootstrap_servers = broker.address("GOOD");
        options.client_id = "test";
        options.group = group;
        options.topics = {topic};
        options.extra = as.properties();
        return make_consumer(options, registry);
    }

private:
    Access access_{broker.bootstrap_servers(), {}, std::chrono::seconds(20)};
};

}  // namespace platform::kafka
