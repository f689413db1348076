#pragma once
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace platform::fuzz {

/// Makes inputs out of known ones: some edits each, blind to what the code does with them (libFuzzer is the one that sees). The same seed makes
/// the same row of inputs. One thread.
class Mutator {
public:
    /// `words` are texts that are worth inserting. Neither list may be empty.
    Mutator(std::vector<std::string> corpus, std::vector<std::string> words, std::uint64_t seed);
    [[nodiscard]] std::string next();

private:
    void edit(std::string& text);
    /// From 0 up to `end`, without it; 0 when there is nothing to choose from.
    std::size_t below(std::size_t end);
    std::string_view piece_of(const std::string& text);

    std::vector<std::string> corpus_;
    std::vector<std::string> words_;
    std::mt19937_64 chance_;
};

/// The words of a dictionary in libFuzzer's form: lines `name="text"` or `"text"` with \\, \" and \xAB; others are comments.
[[nodiscard]] std::vector<std::string> read_words(std::string_view dictionary);

}  // namespace platform::fuzz
