// Shows the fault that shared/http guards against: the plain library sends answers to clients that did not ask for them, or crashes, when
// other clients disconnect. It asserts nothing, since a fault that depends on timing is no test; run it by hand:
//   ninja -C build/dev plain_pistache_demo && build/dev/tests/shared/http/plain_pistache_demo
#include "tests/shared/http/stress_clients.hpp"

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include <pistache/endpoint.h>
#include <pistache/router.h>

namespace {

namespace rest = Pistache::Rest;
namespace http = Pistache::Http;

rest::Route::Result answer(const rest::Request& request, http::ResponseWriter writer) {
    writer.send(http::Code::Ok, request.param(":id").as<std::string>());
    return rest::Route::Result::Ok;
}

}  // namespace

int main() {
    rest::Router router;
    router.get("/items/:id", answer);
    http::Endpoint endpoint(Pistache::Address("127.0.0.1", Pistache::Port(0)));
    endpoint.init(http::Endpoint::options().threads(2).flags(Pistache::Tcp::Options::ReuseAddr));
    endpoint.setHandler(router.handler());
    endpoint.serveThreaded();
    for (unsigned seed = 1; seed <= 5; ++seed) {
        const auto tally = platform::http::test::stress(
            {.port = static_cast<std::uint16_t>(endpoint.getPort()), .paths = {"/items/"}, .rounds = 60, .seed = seed}
        );
        std::cout << tally.own << " own, " << tally.misdelivered << " misdelivered, " << tally.missing << " missing, " << tally.aborted
                  << " clients left\n";
        for (const std::string& example : tally.examples) std::cout << "    " << example << "\n";
        std::cout << std::flush;
    }
    endpoint.shutdown();
}
