#pragma once
#include <cstddef>
#include <string>
#include <string_view>

/// Text from outside that has to be UTF-8 further on.
namespace platform::utf8 {

/// U+FFFD, which stands for what was no text.
inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Length of the well-formed sequence at `at` (Unicode 15, table 3-7), or 0. Needs `at` < text.size().
[[nodiscard]] std::size_t sequence_length(std::string_view text, std::size_t at);

/// `text` with U+FFFD in the place of each byte that belongs to no well-formed sequence.
[[nodiscard]] std::string repaired(std::string_view text);

/// `text` has 1 to `longest` characters, none of them an ASCII control character. `text` is well-formed.
[[nodiscard]] bool is_plain(std::string_view text, std::size_t longest);

}  // namespace platform::utf8
