#include "shared/config/authorities.hpp"

#include "shared/config/text_file.hpp"

#include <algorithm>
#include <format>
#include <utility>

namespace platform::config {

std::string read_mode(Reader& reader, Row row, const std::vector<std::string>& allowed) {
    const std::string name = row.name;
    std::string mode = reader.text(std::move(row));
    if (std::ranges::contains(allowed, mode)) return mode;
    std::string names;
    for (const std::string& one : allowed) names += (names.empty() ? "" : ", ") + one;
    throw SettingError(std::format("{}: '{}' is not one of {}", name, mode, names));
}

std::string read_authorities(Reader& reader, Row row, const std::string& needed) {
    const std::string name = row.name;
    std::string path = reader.text(std::move(row));
    if (needed.empty()) {
        if (path.empty()) return path;
        throw SettingError(std::format("{}: '{}' is given, but nothing is encrypted: see the TLS settings", name, path));
    }
    if (path.empty()) throw SettingError(std::format("{}: must be set, {} asks for it", name, needed));
    const auto text = read_text_file(path);
    if (!text) throw SettingError(std::format("{}: the file '{}' cannot be read", name, path));
    if (!text->contains("-----BEGIN CERTIFICATE-----"))
        throw SettingError(std::format("{}: the file '{}' holds no certificate (PEM)", name, path));
    return path;
}

std::string read_tls(Reader& reader, const std::string& setting, const std::string& server) {
    const std::string mode = read_mode(
        reader,
        {.name = setting + "_TLS",
         .meaning = std::format("Whether {} is spoken to by TLS alone, its certificate and name verified.", server),
         .fallback = "disabled"},
        {"disabled", "required-verified"}
    );
    return read_authorities(
        reader,
        {.name = setting + "_TLS_CA",
         .meaning = std::format("File of the certificate authorities (PEM) that {}'s certificate has to come from.", server),
         .unit = "path"},
        mode == "disabled" ? "" : std::format("{}_TLS={}", setting, mode)
    );
}

}  // namespace platform::config
