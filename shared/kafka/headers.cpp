#include "shared/kafka/headers.hpp"

#include <algorithm>

namespace platform::kafka {
namespace {

template <class Some>
auto* first_of(Some& headers, std::string_view name) {
    const auto found = std::ranges::find(headers, name, [](const auto& header) { return std::string_view(header.first); });
    return found == headers.end() ? nullptr : &found->second;
}

}  // namespace

const std::string* find_header(const Headers& headers, std::string_view name) {
    return first_of(headers, name);
}

std::string* find_header(Headers& headers, std::string_view name) {
    return first_of(headers, name);
}

}  // namespace platform::kafka
