#pragma once
#include "shared/core/uuid.hpp"
#include "shared/http/server.hpp"
#include "shared/mysql/pool.hpp"
#include "shared/outbox/relay.hpp"
#include "shared/service/readers.hpp"
#include "shared/service/redrive.hpp"
#include "shared/service/redrive_request.hpp"
#include "shared/service/service_config.hpp"

#include <functional>
#include <string>
#include <vector>

namespace platform::service {

/// What an operator can ask about dead letters, on both ports:
///   GET  /actuator/deadletters          how many there are and how many wait, per partition
/// and on the management port alone:
///   POST /actuator/deadletters/redrive  {"group","topic","partition","key","limit"}, all optional
/// They are published through the outbox: durable when the answer says so. Thread-safe.
class DeadLetterEndpoints {
public:
    struct Parts {
        const Settings& settings;
        mysql::Pool& pool;
        outbox::Relay& relay;
        UuidGenerator& ids;
        const Clock& clock;
        Readers& workers;
        std::function<std::vector<std::string>()> topics;  ///< that the service reads; asked at each call
    };
    DeadLetterEndpoints(http::Server& api, http::Server& management, Parts parts);
    DeadLetterEndpoints(const DeadLetterEndpoints&) = delete;
    DeadLetterEndpoints& operator=(const DeadLetterEndpoints&) = delete;

private:
    void count(http::Responder responder);
    void redrive(const http::Request& request, http::Responder responder);
    [[nodiscard]] Result<http::Response> count_now();
    [[nodiscard]] Result<http::Response> redrive_now(const RedriveRequest& wanted);
    [[nodiscard]] Result<void> publish(std::vector<kafka::OutgoingRecord> records);
    [[nodiscard]] std::unique_ptr<kafka::Backlog> backlog(const std::string& group) const;
    [[nodiscard]] Redrive redrive_of(const std::string& group, kafka::Backlog& backlog);

    const Parts parts_;
};

}  // namespace platform::service
