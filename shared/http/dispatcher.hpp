#pragma once
#include "shared/http/routes.hpp"
#include "shared/http/server.hpp"
#include "shared/http/shared_state.hpp"

#include <string>
#include <vector>

namespace platform::http {

/// Takes framed requests, finds their route and calls its handler, on the thread that read the request. Routes are declared before the first
/// request; then thread-safe.
class Dispatcher final : public RequestSink {
public:
    void add(const std::string& method, const std::string& path, Handler handler);
    void accept(FramedRequest framed, Connection& connection) override;

private:
    void handle(std::size_t route, Request request, Responder responder) const;

    Routes routes_;
    std::vector<Handler> handlers_;
};

/// The caller's correlation id when it is short and harmless, else a new one.
[[nodiscard]] std::string correlation_id_of(const FramedRequest& framed, UuidGenerator& ids);

}  // namespace platform::http
