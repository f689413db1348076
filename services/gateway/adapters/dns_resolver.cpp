#include "services/gateway/adapters/dns_resolver.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>

namespace platform::gateway {
namespace {

struct FreeAnswers {
    void operator()(addrinfo* answers) const { freeaddrinfo(answers); }
};

}  // namespace

Result<std::vector<Address>> DnsResolver::resolve(const Address& name) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* first = nullptr;
    const int code = getaddrinfo(name.host.c_str(), nullptr, &hints, &first);
    const std::unique_ptr<addrinfo, FreeAnswers> answers(first);
    if (code != 0) {
        const bool absent = code == EAI_NONAME || code == EAI_NODATA;
        return fail(
            absent ? ErrorKind::NotFound : ErrorKind::Unavailable, name.host + ": " + gai_strerror(code)
        );
    }
    std::vector<Address> pods;
    for (const addrinfo* answer = answers.get(); answer != nullptr; answer = answer->ai_next) {
        std::array<char, NI_MAXHOST> number{};
        const int named = getnameinfo(
            answer->ai_addr, answer->ai_addrlen, number.data(), number.size(), nullptr, 0, NI_NUMERICHOST
        );
        if (named == 0) pods.push_back({.host = number.data(), .port = name.port});
    }
    return pods;
}

}  // namespace platform::gateway
