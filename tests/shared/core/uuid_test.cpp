#include "shared/core/uuid.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

namespace platform {
namespace {

using namespace std::chrono_literals;

constexpr const char* kText = "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

TEST(Uuid, ReadsAndWritesItsText) {
    const auto id = Uuid::parse(kText);
    ASSERT_TRUE(id.has_value());
    EXPECT_EQ(id->text(), kText);
    EXPECT_EQ(id->bytes()[0], 0x01);
    EXPECT_EQ(id->bytes()[15], 0x5b);
    EXPECT_EQ(*Uuid::parse("0198A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B"), *id);
}

TEST(Uuid, RefusesOtherTexts) {
    for (const char* text : {
             "",
             "0198a1b2c3d47e5f8a9b0c1d2e3f4a5b",
             "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5",
             "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b0",
             "0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5g",
             "0198a1b2xc3d4-7e5f-8a9b-0c1d2e3f4a5b",
             "0198a1b-2c3d4-7e5f-8a9b-0c1d2e3f4a5b",
             "{0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5}",
         }) {
        const auto id = Uuid::parse(text);
        ASSERT_FALSE(id.has_value()) << text;
        EXPECT_EQ(id.error().kind, ErrorKind::Invalid);
    }
}

TEST(Uuid, TravelsAsSixteenBytes) {
    const auto id = Uuid::parse(kText);
    EXPECT_EQ(*Uuid::from_bytes(id->raw()), *id);
    EXPECT_FALSE(Uuid::from_bytes("fifteen bytes..").has_value());
    EXPECT_TRUE(Uuid().is_nil());
    EXPECT_FALSE(id->is_nil());
}

TEST(Uuid, OfANameIsTheSameForTheSameName) {
    EXPECT_EQ(Uuid::of_name("order 1 charged"), Uuid::of_name("order 1 charged"));
    std::set<Uuid> ids;
    for (int i = 0; i < 10'000; ++i) ids.insert(Uuid::of_name("order " + std::to_string(i)));
    EXPECT_EQ(ids.size(), 10'000U);
    EXPECT_EQ(Uuid::of_name("x").text()[14], '8');
}

TEST(UuidGenerator, MakesVersionSevenWithTheClocksMillisecond) {
    FakeClock clock;
    UuidGenerator generator(clock, 1);
    const std::string text = generator.next().text();
    EXPECT_EQ(text[14], '7');
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
    // 2026-01-01T00:00:00Z is 1767225600000 ms = 0x019b76da_a400.
    EXPECT_EQ(text.substr(0, 13), "019b76da-a800");
}

TEST(UuidGenerator, IsOrderedWithinOneMillisecondAndBeyond) {
    FakeClock clock;
    UuidGenerator generator(clock);
    Uuid last;
    for (int i = 0; i < 20'000; ++i) {  // more than one millisecond's counter holds
        const Uuid next = generator.next();
        ASSERT_LT(last, next) << i;
        last = next;
        if (i % 5000 == 0) clock.advance(1ms);
    }
}

TEST(UuidGenerator, SameSeedSameRow) {
    FakeClock clock;
    UuidGenerator one(clock, 42);
    UuidGenerator other(clock, 42);
    UuidGenerator third(clock, 43);
    const Uuid first = one.next();
    EXPECT_EQ(first, other.next());
    EXPECT_NE(first, third.next());
}

TEST(UuidGenerator, IsUniqueAndOrderedInEachThread) {
    constexpr int kThreads = 4;
    constexpr int kEach = 5000;
    const SystemClock clock;
    UuidGenerator generator(clock);
    std::vector<std::vector<Uuid>> made(kThreads);
    {
        std::vector<std::jthread> threads;
        for (auto& row : made) {
            threads.emplace_back([&] {
                for (int i = 0; i < kEach; ++i) row.push_back(generator.next());
            });
        }
    }
    std::unordered_set<Uuid> all;
    for (const auto& row : made) {
        EXPECT_TRUE(std::ranges::is_sorted(row));
        all.insert(row.begin(), row.end());
    }
    EXPECT_EQ(all.size(), static_cast<std::size_t>(kThreads * kEach));
}

TEST(Id, IsReadAndComparedByItsUuid) {
    const auto order = OrderId::parse(kText);
    ASSERT_TRUE(order.has_value());
    EXPECT_EQ(order->text(), kText);
    EXPECT_FALSE(OrderId::parse("P-1001").has_value());
    EXPECT_EQ(std::unordered_set<OrderId>({*order, *order}).size(), 1U);
    static_assert(!std::is_convertible_v<OrderId, PaymentId>);
}

}  // namespace
}  // namespace platform
