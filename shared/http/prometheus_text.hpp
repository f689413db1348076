#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

/// The Prometheus text format 0.0.4, line by line, as metrics::Registry::scrape() writes it. Pure.
namespace platform::http {

struct Sample {
    std::string name;
    std::map<std::string, std::string> labels;
    double value = 0;
};

/// Takes the text up to `end`, and `end`, from the front of `text`; without one all of it.
std::string_view take_until(std::string_view& text, char end);

/// Nothing when the line is no sample: empty, a comment, or broken.
[[nodiscard]] std::optional<Sample> parse_sample(std::string_view line);

}  // namespace platform::http
