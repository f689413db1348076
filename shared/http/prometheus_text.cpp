#include "shared/http/prometheus_text.hpp"

#include <charconv>
#include <cstddef>
#include <system_error>
#include <utility>

namespace platform::http {
namespace {

/// A quoted value whose first quote has been taken; takes the last one too.
std::string take_quoted(std::string_view& line) {
    std::string value;
    while (!line.empty() && line.front() != '"') {
        char character = line.front();
        line.remove_prefix(1);
        if (character == '\\' && !line.empty()) {
            character = line.front() == 'n' ? '\n' : line.front();
            line.remove_prefix(1);
        }
        value += character;
    }
    if (!line.empty()) line.remove_prefix(1);
    return value;
}

}  // namespace

std::string_view take_until(std::string_view& text, char end) {
    const std::size_t at = text.find(end);
    const std::string_view taken = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return taken;
}

std::optional<Sample> parse_sample(std::string_view line) {
    Sample sample;
    const std::size_t end = line.find_first_of("{ ");
    if (end == std::string_view::npos || line.starts_with('#')) return std::nullopt;
    sample.name = line.substr(0, end);
    const bool labelled = line[end] == '{';
    line.remove_prefix(end + 1);
    while (labelled && !line.empty() && line.front() != '}') {
        std::string key(take_until(line, '='));
        if (line.empty()) return std::nullopt;
        line.remove_prefix(1);  // the quote
        sample.labels.insert_or_assign(std::move(key), take_quoted(line));
        if (line.starts_with(',')) line.remove_prefix(1);
    }
    if (labelled) take_until(line, ' ');
    const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), sample.value);
    if (error != std::errc{}) return std::nullopt;
    return sample;
}

}  // namespace platform::http
