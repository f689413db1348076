#pragma once
#include "shared/core/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Short ways through Kubernetes objects: paths like "metadata.name". What is not there, or of another type,
/// is empty. Thread-safe.
namespace platform::api {

[[nodiscard]] const json::Value* at(const json::Value& value, std::string_view path);
[[nodiscard]] std::string text_at(const json::Value& value, std::string_view path);
[[nodiscard]] std::optional<std::int64_t> integer_at(const json::Value& value, std::string_view path);
[[nodiscard]] bool flag_at(const json::Value& value, std::string_view path, bool fallback);

/// A string of `metadata.labels` or `metadata.annotations`, whose names contain dots.
[[nodiscard]] std::string label_of(const json::Value& object, std::string_view name);
[[nodiscard]] std::string annotation_of(const json::Value& object, std::string_view name);

/// The value as JSON again: numbers as they were written, members in their order.
[[nodiscard]] std::string json_text(const json::Value& value);

/// Percent-encodes everything but letters, digits and -._~ (RFC 3986).
[[nodiscard]] std::string encode(std::string_view text);

}  // namespace platform::api
