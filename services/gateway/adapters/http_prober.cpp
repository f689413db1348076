#include "services/gateway/adapters/http_prober.hpp"

namespace platform::gateway {

bool HttpProber::ready(const Address& pod) {
    constexpr int kOk = 200;
    const auto answer = client_.send({
        .method = "GET",
        .url = "http://" + pod.text() + "/actuator/health/readiness",
        .headers = {},
        .body = {},
        .connect_timeout = timeout_,
        .timeout = timeout_,
        .max_response_bytes = 64 * 1024,
    });
    return answer && answer->status == kOk;
}

}  // namespace platform::gateway
