#pragma once
#include "shared/kafka/record.hpp"

#include <string>
#include <string_view>

namespace platform::kafka {

/// The value of the header `name`, null when there is none. Kafka allows a name more than once; the first one counts: whoever adds a header on the record's
/// way appends it, and does not take the place of what the sender wrote.
[[nodiscard]] const std::string* find_header(const Headers& headers, std::string_view name);
[[nodiscard]] std::string* find_header(Headers& headers, std::string_view name);

}  // namespace platform::kafka
