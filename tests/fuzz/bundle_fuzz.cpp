#include "shared/core/check.hpp"
#include "shared/outbox/bundle_codec.hpp"
#include "shared/outbox/headers_codec.hpp"
#include "shared/outbox/outbox.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the outbox keeps in a column: bytes that were damaged are refused, all others come back as they were; and whatever a record holds, it
// can be kept, and can be a dead letter.

namespace platform::outbox {
namespace {

void check_stored(std::string_view bytes) {
    if (const auto headers = decode_headers(bytes)) CHECK(encode_headers(*headers) == bytes, "headers come back as they were");
    const auto records = decode_bundle(bytes);
    if (!records) {
        CHECK(records.error().kind == ErrorKind::Invalid && !records.error().what.empty(), "what is refused has a reason");
        return;
    }
    CHECK(!records->empty(), "a bundle holds records");
    CHECK(encode_bundle(*records) == bytes, "a bundle comes back as it was");
}

/// Makes a record of any bytes: fields between zeros, the rest in headers.
kafka::Record record_of(std::string_view bytes) {
    std::vector<std::string> parts(1);
    for (const char c : bytes) {
        if (c == '\0') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    parts.resize(std::max<std::size_t>(parts.size(), 3));
    kafka::Record record{.topic = parts[0], .key = parts[1], .value = parts[2], .headers = {}};
    record.partition = static_cast<std::int32_t>(bytes.size());
    for (std::size_t i = 3; i + 1 < parts.size(); i += 2) record.headers.emplace_back(parts[i], parts[i + 1]);
    return record;
}

void check_dead_letter(const kafka::Record& record) {
    const Error why{.kind = ErrorKind::Invalid, .what = record.value};
    const auto letter = to_dead_letter(Uuid::of_name("letter"), record, "group", ".DLT", why);
    CHECK(letter.record.key == record.key && letter.record.value == record.value, "a dead letter is the record");
    kafka::Record returned = record;
    returned.headers = letter.record.headers;
    const auto second = to_dead_letter(Uuid::of_name("letter"), returned, "group", ".DLT", why);
    CHECK(second.record.headers == letter.record.headers, "a dead letter that comes back does not grow");
    const std::vector<OutboxRow> rows{letter, second};
    const auto kept = decode_bundle(encode_bundle(rows));
    CHECK(kept && kept->size() == rows.size(), "what was stored can be read");
    CHECK(kept->front().record.headers == letter.record.headers && kept->back().id == second.id, "as it was");
}

}  // namespace
}  // namespace platform::outbox

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace platform::outbox;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_stored(bytes);
    check_dead_letter(record_of(bytes));
    return 0;
}
