#include "shared/config/settings.hpp"
#include "shared/config/text_file.hpp"
#include "shared/core/check.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <format>
#include <limits>
#include <utility>

namespace platform::config {
namespace {

using std::chrono::milliseconds;

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// Milliseconds in one of the unit, or nothing when there is no such unit of time.
std::optional<std::int64_t> millis_of(std::string_view unit) {
    constexpr std::int64_t kSecond = 1000;
    if (unit == "ms" || unit.empty()) return 1;
    if (unit == "s") return kSecond;
    if (unit == "m" || unit == "min") return 60 * kSecond;
    if (unit == "h") return 3600 * kSecond;
    return std::nullopt;
}

std::optional<milliseconds> parse_duration(std::string_view text, std::string_view bare_unit) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto count = parse_number<std::int64_t>(text.substr(0, digits));
    const auto factor = millis_of(digits == text.size() ? bare_unit : text.substr(digits));
    std::int64_t total = 0;
    if (!count || !factor || __builtin_mul_overflow(*count, *factor, &total)) return std::nullopt;
    return milliseconds{total};
}

std::string duration_text(milliseconds duration) {
    const auto count = duration.count();
    if (count != 0 && count % 3'600'000 == 0) return std::format("{}h", count / 3'600'000);
    if (count != 0 && count % 60'000 == 0) return std::format("{}m", count / 60'000);
    if (count != 0 && count % 1000 == 0) return std::format("{}s", count / 1000);
    return std::format("{}ms", count);
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    const auto first = text.find_first_not_of(kBlank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::optional<std::vector<std::string>> parse_list(std::string_view text) {
    std::vector<std::string> parts;
    if (trimmed(text).empty()) return parts;
    for (std::size_t at = 0; at <= text.size();) {
        const auto comma = std::min(text.find(',', at), text.size());
        const auto part = trimmed(text.substr(at, comma - at));
        if (part.empty()) return std::nullopt;
        parts.emplace_back(part);
        at = comma + 1;
    }
    return parts;
}

std::optional<bool> parse_flag(std::string_view text) {
    if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
    if (text == "false" || text == "no" || text == "off" || text == "0") return false;
    return std::nullopt;
}

}  // namespace

Reader::Reader(const Source& source) : source_(source) {}

/// The value that was given, or nothing when the default holds. Registers the row.
std::optional<std::string> Reader::take(const Row& row) {
    CHECK(!std::ranges::contains(rows_, row.name, &Row::name), "a setting is declared once");
    rows_.push_back(row);
    auto value = source_.find(row.name);
    if (const auto path = row.secret ? source_.find(row.name + "_FILE") : std::nullopt;
        path && !path->empty()) {
        if (value && !value->empty()) {
            note_fault(std::format("{}: set {} or {}_FILE, not both", row.name, row.name, row.name));
            return std::nullopt;
        }
        auto text = read_text_file(*path);
        if (!text) {
            note_fault(std::format("{}_FILE: the file '{}' cannot be read", row.name, *path));
            return std::nullopt;
        }
        while (text->ends_with('\n') || text->ends_with('\r')) text->pop_back();
        value = std::move(text);
    }
    if (row.required && (!value || value->empty())) {
        note_fault(std::format("{}: must be set: {}", row.name, row.meaning));
        return std::nullopt;
    }
    return value;
}

void Reader::reject(const Row& row, const std::string& value, const std::string& expected) {
    const std::string shown = row.secret ? std::string("the secret value") : std::format("'{}'", value);
    note_fault(std::format("{}: {} from {} is not {}", row.name, shown, source_.origin(row.name), expected));
}

void Reader::note_fault(std::string fault) {
    if (first_fault_.empty()) first_fault_ = std::move(fault);
}

std::string Reader::text(Row row) {
    const auto value = take(row);
    if (value && std::ranges::any_of(*value, [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
        reject(row, "...", "a text of one line without control characters");
        return row.fallback;
    }
    return value.value_or(row.fallback);
}

template <class T, class Parse>
T Reader::typed(const Row& row, const std::string& expected, Parse parse) {
    const auto fallback = parse(row.fallback);
    CHECK(fallback || row.required, "the default of a setting is itself a valid value");
    const auto value = take(row);
    if (!value) return fallback.value_or(T{});
    if (auto parsed = parse(*value)) return *std::move(parsed);
    reject(row, *value, expected);
    return fallback.value_or(T{});
}

std::int64_t Reader::integer(Row row, std::int64_t min, std::int64_t max) {
    return typed<std::int64_t>(
        row,
        std::format("a whole number from {} to {}", min, max),
        [=](const std::string& text) {
            const auto number = parse_number<std::int64_t>(text);
            return number && *number >= min && *number <= max ? number : std::nullopt;
        }
    );
}

double Reader::number(Row row, double min, double max) {
    return typed<double>(row, std::format("a number from {} to {}", min, max), [=](const std::string& text) {
        const auto number = parse_number<double>(text);
        return number && std::isfinite(*number) && *number >= min && *number <= max ? number : std::nullopt;
    });
}

bool Reader::flag(Row row) {
    return typed<bool>(row, "true or false", [](const std::string& text) { return parse_flag(text); });
}

milliseconds Reader::duration(Row row, milliseconds min, milliseconds max) {
    if (row.unit.empty()) row.unit = "ms";
    const auto expected = std::format(
        "a time from {} to {} such as 250ms, 5s, 15m or 2h", duration_text(min), duration_text(max)
    );
    return typed<milliseconds>(row, expected, [&](const std::string& text) {
        const auto duration = parse_duration(text, row.unit);
        return duration && *duration >= min && *duration <= max ? duration : std::nullopt;
    });
}

std::string Reader::choice(Row row, const std::vector<std::string>& allowed) {
    std::string names;
    for (const auto& name : allowed) names += (names.empty() ? "" : ", ") + name;
    return typed<std::string>(row, "one of " + names, [&](const std::string& text) {
        return std::ranges::contains(allowed, text) ? std::optional(text) : std::nullopt;
    });
}

std::vector<std::string> Reader::list(Row row) {
    return typed<std::vector<std::string>>(
        row,
        "a list of values with commas between them",
        [](const std::string& text) { return parse_list(text); }
    );
}

std::vector<Leaf> Reader::tree(const std::string& root) {
    trees_.push_back(root);
    return source_.tree(root);
}

void Reader::finish() const {
    if (!first_fault_.empty()) throw SettingError(first_fault_);
    std::vector<std::string> known = source_.names_below(trees_);
    for (const Row& row : rows_) {
        known.push_back(row.name);
        if (row.secret) known.push_back(row.name + "_FILE");
    }
    const auto strangers = source_.unused(known);
    if (!strangers.empty()) {
        throw SettingError(
            std::format("{}: is in the file of CONFIG_FILE, but there is no such setting", strangers.front())
        );
    }
}

}  // namespace platform::config
