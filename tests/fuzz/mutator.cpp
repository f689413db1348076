#include "tests/fuzz/mutator.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace platform::fuzz {
namespace {

constexpr std::size_t kLongest = 16 * 1024;
constexpr std::size_t kMostEdits = 4;

/// Numbers at which integers, quantities and sizes change their ways.
constexpr std::array<std::string_view, 16> kNumbers{
    "0", "-1", "1", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "18446744073709551616",
    "1000001", "922337203685477.5807", "1e400", "-0", "0.00001", "1e-5", "999999999999999999999999", "4294967295"
};

/// A text in quotes at or after `at`, without them; nothing when there is none.
struct Quoted {
    std::size_t from = 0;
    std::size_t size = 0;
};
std::optional<Quoted> quoted_after(const std::string& text, std::size_t at) {
    const std::size_t open = text.find('"', at);
    const std::size_t close = open == std::string::npos ? open : text.find('"', open + 1);
    if (close == std::string::npos) return std::nullopt;
    return Quoted{.from = open + 1, .size = close - open - 1};
}

}  // namespace

Mutator::Mutator(std::vector<std::string> corpus, std::vector<std::string> words, std::uint64_t seed)
    : corpus_(std::move(corpus)), words_(std::move(words)), chance_(seed) {}

std::size_t Mutator::below(std::size_t end) {
    return end == 0 ? 0 : static_cast<std::size_t>(chance_() % end);
}

std::string_view Mutator::piece_of(const std::string& text) {
    const std::size_t from = below(text.size());
    return std::string_view(text).substr(from, 1 + below(std::min<std::size_t>(text.size() - from, 64)));
}

std::string Mutator::next() {
    std::string text = corpus_[below(corpus_.size())];
    const std::size_t edits = 1 + below(kMostEdits);
    for (std::size_t i = 0; i < edits; ++i) edit(text);
    if (text.size() > kLongest) text.resize(kLongest);
    return text;
}

void Mutator::edit(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    const std::size_t rest = text.size() - at;
    switch (below(10)) {
        case 0:  // one bit
            if (rest > 0) text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1U << below(8)));
            return;
        case 1:  // one byte
            if (rest > 0) text[at] = static_cast<char>(below(256));
            return;
        case 2: text.erase(at, 1 + below(8)); return;
        case 3: text.erase(at, below(rest + 1)); return;
        case 4: text.insert(at, words_[below(words_.size())]); return;
        case 5: text.insert(at, std::string(piece_of(text))); return;
        case 6: text.insert(at, std::string(piece_of(corpus_[below(corpus_.size())]))); return;
        case 7: {  // the end of another one
            const std::string& other = corpus_[below(corpus_.size())];
            text.replace(at, std::string::npos, other, below(other.size() + 1));
            return;
        }
        case 8: {  // another text in quotes, which leaves the form of a document as it is
            const std::string& other = corpus_[below(corpus_.size())];
            const auto place = quoted_after(text, at);
            const auto source = quoted_after(other, below(other.size() + 1));
            if (place && source) text.replace(place->from, place->size, other, source->from, source->size);
            return;
        }
        default: {  // another number
            const std::size_t digit = std::min(text.find_first_of("0123456789", at), text.size());
            const std::size_t end = std::min(text.find_first_not_of("0123456789.", digit), text.size());
            text.replace(digit, end - digit, kNumbers[below(kNumbers.size())]);
            return;
        }
    }
}

std::vector<std::string> read_words(std::string_view dictionary) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < dictionary.size();) {
        const std::size_t end = std::min(dictionary.find('\n', at), dictionary.size());
        const std::string_view line = dictionary.substr(at, end - at);
        at = end + 1;
        const std::size_t open = line.find('"');
        const std::size_t close = line.rfind('"');
        if (line.starts_with('#') || open == close) continue;
        const std::string_view quoted = line.substr(open + 1, close - open - 1);
        std::string word;
        for (std::size_t i = 0; i < quoted.size(); ++i) {
            if (quoted[i] == '\\' && ++i < quoted.size() && quoted[i] == 'x') {
                unsigned byte = 0;
                std::from_chars(quoted.data() + i + 1, quoted.data() + std::min(i + 3, quoted.size()), byte, 16);
                word += static_cast<char>(byte);
                i += 2;
            } else if (i < quoted.size()) {
                word += quoted[i];
            }
        }
        words.push_back(std::move(word));
    }
    return words;
}

}  // namespace platform::fuzz
