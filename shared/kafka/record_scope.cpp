#include "shared/kafka/record_scope.hpp"

#include "shared/core/uuid.hpp"
#include "shared/kafka/headers.hpp"

#include <string_view>

namespace platform::kafka {
namespace {

constexpr std::size_t kLongest = 128;  // of a correlation id; anything longer is not ours

std::string_view header(const Record& record, std::string_view name) {
    const std::string* found = find_header(record.headers, name);
    return found == nullptr || found->size() > kLongest ? std::string_view() : *found;
}

/// The key of an order's event is its id; those of the catalogue have a product's.
std::string_view order_id_of(const Record& record) {
    return Uuid::parse(record.key) ? std::string_view(record.key) : std::string_view();
}

}  // namespace

RecordScope::RecordScope(const Record& record)
    : correlation_(header(record, "ce_correlationid")),
      trace_(header(record, "traceparent")),
      order_(order_id_of(record)) {}

}  // namespace platform::kafka
