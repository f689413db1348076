#include "shared/outbox/bundle_codec.hpp"

#include "shared/outbox/headers_codec.hpp"

#include <cstddef>
#include <utility>

namespace platform::outbox {
namespace {

/// A record is three pairs in the form of headers: id and topic, key and value, headers and nothing.
constexpr std::size_t kPairs = 3;

}  // namespace

std::size_t size_of_bundle(std::span<const OutboxRow> rows) {
    std::size_t count = 1;
    while (count < rows.size() && rows[count].key() == rows[0].key()) ++count;
    return count;
}

std::string encode_bundle(std::span<const OutboxRow> records) {
    kafka::Headers pairs;
    pairs.reserve(records.size() * kPairs);
    for (const OutboxRow& row : records) {
        pairs.emplace_back(row.id.raw(), row.record.topic);
        pairs.emplace_back(row.record.key, row.record.value);
        pairs.emplace_back(encode_headers(row.record.headers), "");
    }
    return encode_headers(pairs);
}

Result<std::vector<OutboxRow>> decode_bundle(std::string_view bytes) {
    auto pairs = decode_headers(bytes);
    if (!pairs || pairs->empty() || pairs->size() % kPairs != 0) {
        return fail(ErrorKind::Invalid, "a stored bundle ends too early");
    }
    std::vector<OutboxRow> records;
    records.reserve(pairs->size() / kPairs);
    for (std::size_t i = 0; i < pairs->size(); i += kPairs) {
        auto& [id_bytes, topic] = (*pairs)[i];
        auto& [key, value] = (*pairs)[i + 1];
        auto id = Uuid::from_bytes(id_bytes);
        auto headers = decode_headers((*pairs)[i + 2].first);
        const bool nothing = (*pairs)[i + 2].second.empty();
        if (!id || !headers || !nothing) return fail(ErrorKind::Invalid, "a stored bundle has a damaged record");
        records.push_back(
            {.id = *id,
             .record =
                 {.topic = std::move(topic),
                  .key = std::move(key),
                  .value = std::move(value),
                  .headers = *std::move(headers)}}
        );
    }
    return records;
}

}  // namespace platform::outbox
