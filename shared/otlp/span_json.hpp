#pragma once
#include "shared/otlp/finished_span.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace platform::otlp {

/// The body of an export: an ExportTraceServiceRequest in OTLP's JSON encoding (ids in hexadecimal, 64-bit numbers as text, enums as numbers).
[[nodiscard]] std::string to_json(const Origin& origin, std::span<const FinishedSpan> spans);

/// How many spans the collector says it did not take, in the body of an answer of success; 0 when it says nothing.
[[nodiscard]] std::uint64_t rejected_in(std::string_view answer);

}  // namespace platform::otlp
