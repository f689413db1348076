#include "shared/config/settings.hpp"

#include <algorithm>
#include <array>
#include <format>

namespace platform::config {
namespace {

std::string default_text(const Row& row) {
    if (row.required) return "(required)";
    if (row.secret) return row.fallback.empty() ? "(secret, none)" : "(secret)";
    return row.fallback.empty() ? "(empty)" : row.fallback;
}

}  // namespace

void print_settings(std::ostream& out, const std::vector<Row>& rows) {
    std::vector<std::array<std::string, 4>> lines{{"setting", "default", "unit", "meaning"}};
    for (const Row& row : rows) {
        const std::string meaning =
            row.secret ? std::format("{} (secret; or {}_FILE)", row.meaning, row.name) : row.meaning;
        lines.push_back({row.name, default_text(row), row.unit.empty() ? "-" : row.unit, meaning});
    }
    std::array<std::size_t, 3> widths{};
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < widths.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
    }
    for (const auto& [name, fallback, unit, meaning] : lines) {
        out << std::format(
            "{:<{}}  {:<{}}  {:<{}}  {}\n", name, widths[0], fallback, widths[1], unit, widths[2], meaning
        );
    }
}

}  // namespace platform::config
