#include "services/gateway/domain/address.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <format>

namespace platform::gateway {
namespace {

bool host_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_';
}
bool ipv6_character(char c) {
    return std::isxdigit(static_cast<unsigned char>(c)) != 0 || c == ':' || c == '.';
}

}  // namespace

std::string Address::text() const {
    return host.contains(':') ? std::format("[{}]:{}", host, port) : std::format("{}:{}", host, port);
}

Result<Address> Address::parse(std::string_view text) {
    const auto malformed = [&] {
        return fail(ErrorKind::Invalid, std::format("'{}' is not host:port", text));
    };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return malformed();
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (host.empty() || !std::ranges::all_of(host, bracketed ? ipv6_character : host_character))
        return malformed();

    const std::string_view digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size() || port == 0)
        return malformed();
    return Address{.host = std::string(host), .port = port};
}

}  // namespace platform::gateway
