#pragma once
#include "shared/config/settings.hpp"

#include <string>
#include <vector>

namespace platform::config {

/// As Reader::choice, but a wrong value throws SettingError at once, since other settings are judged by it.
[[nodiscard]] std::string read_mode(Reader& reader, Row row, const std::vector<std::string>& allowed);

/// The setting that names a file with the certificates (PEM) of the authorities which a server's certificate has to come from.
/// `needed` is what makes it necessary, as the user wrote it ("MYSQL_TLS=required-verified"); empty when nothing does. Gives the path, empty
/// without `needed`. Throws SettingError, naming the row: it is needed and missing, cannot be read, holds no certificate; or it is given though
/// nothing uses it, since somebody then believes in a protection that is off.
[[nodiscard]] std::string read_authorities(Reader& reader, Row row, const std::string& needed);

/// `<setting>_TLS` (disabled or required-verified) and `<setting>_TLS_CA` of a server that users know as `server`. Gives the file of authorities;
/// empty = no TLS. Throws as the two above.
[[nodiscard]] std::string read_tls(Reader& reader, const std::string& setting, const std::string& server);

}  // namespace platform::config
