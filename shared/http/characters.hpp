#pragma once
#include <string_view>

/// The character classes of RFC 9110 and 3986 that the room needs. Pure.
namespace platform::http {

constexpr char lower_case(char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
}
constexpr bool is_alphanumeric(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9');
}
/// `tchar`: of methods and header names.
constexpr bool is_token_character(char character) {
    return is_alphanumeric(character) || std::string_view("!#$%&'*+-.^_`|~").contains(character);
}
/// Every control character but the tab.
constexpr bool is_forbidden_control(char character) {
    const auto code = static_cast<unsigned char>(character);
    return (code < 0x20 && code != '\t') || code == 0x7f;
}
constexpr bool is_visible_ascii(char character) { return character > 0x20 && character < 0x7f; }
/// Name, IPv4 or bracketed IPv6 address, port.
constexpr bool is_host_character(char character) {
    return is_alphanumeric(character) || std::string_view("-._~:[]%!$&'()*+,;=").contains(character);
}
/// What may stand bare in a path segment: `pchar` without the percent sign.
constexpr bool is_path_character(char character) {
    return is_alphanumeric(character) || std::string_view("-._~!$&'()*+,;=:@").contains(character);
}
/// What may stand bare in a query. Wider than RFC 3986, as browsers send brackets and bars.
constexpr bool is_query_character(char character) {
    return is_path_character(character) || std::string_view("/?[]|{}^`").contains(character);
}
constexpr int hex_digit(char character) {
    if (character >= '0' && character <= '9') return character - '0';
    if (character >= 'a' && character <= 'f') return character - 'a' + 10;
    if (character >= 'A' && character <= 'F') return character - 'A' + 10;
    return -1;
}

}  // namespace platform::http
