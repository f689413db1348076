#include "shared/outbox/bundle_codec.hpp"

#include "tests/shared/outbox/store_contract.hpp"

#include <gtest/gtest.h>

namespace platform::outbox {
namespace {

TEST(BundleCodec, GivesBackTheRecordsInTheirOrder) {
    std::vector<OutboxRow> rows{row_named("a"), row_named("b", "payment.events"), row_named("c")};
    rows[1].record.headers.clear();
    rows[2].record.key.clear();
    const auto back = decode_bundle(encode_bundle(rows));
    ASSERT_TRUE(back.has_value()) << back.error().what;
    ASSERT_EQ(back->size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ((*back)[i].id, rows[i].id);
        EXPECT_EQ((*back)[i].record.topic, rows[i].record.topic);
        EXPECT_EQ((*back)[i].record.key, rows[i].record.key);
        EXPECT_EQ((*back)[i].record.value, rows[i].record.value);
        EXPECT_EQ((*back)[i].record.headers, rows[i].record.headers);
    }
}

TEST(BundleCodec, RefusesOtherBytes) {
    const std::string good = encode_bundle(std::vector{row_named("a"), row_named("b")});
    EXPECT_FALSE(decode_bundle("").has_value());
    for (std::size_t size = 1; size < good.size(); ++size) {
        const auto part = decode_bundle(good.substr(0, size));
        if (part) {
            EXPECT_EQ(part->size(), 1U) << "cut after " << size << " bytes";
        }
    }
    EXPECT_FALSE(decode_bundle(good + "x").has_value());
    std::string damaged = good;
    damaged[0] = 15;  // the id is one byte short
    EXPECT_FALSE(decode_bundle(damaged).has_value());
    std::string longer = encode_bundle(std::vector{row_named("a")});
    longer[longer.size() - 4] = 1;  // the length of the text that is always empty
    EXPECT_FALSE(decode_bundle(longer + "x").has_value()) << "encode_bundle() writes nothing beside the headers";
}

}  // namespace
}  // namespace platform::outbox
