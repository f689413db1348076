#pragma once
#include "shared/core/clock.hpp"
#include "shared/core/result.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace platform {

/// 128 bits as RFC 9562 has them; BINARY(16) in MySQL. Immutable.
class Uuid {
public:
    using Bytes = std::array<std::uint8_t, 16>;

    constexpr Uuid() = default;
    constexpr explicit Uuid(const Bytes& bytes) : bytes_(bytes) {}

    /// Reads 8-4-4-4-12 hexadecimal digits, either case. Error: Invalid.
    [[nodiscard]] static Result<Uuid> parse(std::string_view text);
    /// Reads the 16 raw bytes of a BINARY(16) column. Error: Invalid.
    [[nodiscard]] static Result<Uuid> from_bytes(std::string_view bytes);
    /// A UUIDv8 that depends only on `name` (FNV-1a based, not secret): the same event for the same cause.
    [[nodiscard]] static Uuid of_name(std::string_view name);

    [[nodiscard]] const Bytes& bytes() const { return bytes_; }
    [[nodiscard]] std::string_view raw() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
    [[nodiscard]] std::string text() const;
    [[nodiscard]] bool is_nil() const { return *this == Uuid{}; }

    friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;

private:
    Bytes bytes_{};
};

/// A Uuid that cannot be taken for another kind of Uuid.
template <class Tag>
struct Id {
    Uuid uuid;
    [[nodiscard]] std::string text() const { return uuid.text(); }
    [[nodiscard]] static Result<Id> parse(std::string_view text) {
        return Uuid::parse(text).transform([](Uuid value) { return Id{value}; });
    }
    friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

using OrderId = Id<struct OrderTag>;
using PaymentId = Id<struct PaymentTag>;
using EventId = Id<struct EventTag>;

/// Makes UUIDv7 (RFC 9562 §5.7): sortable by the millisecond of the clock, then by a counter of this process. Thread-safe.
class UuidGenerator {
public:
    /// `seed` 0 takes randomness from the operating system; another value makes a repeatable row for tests.
    explicit UuidGenerator(const Clock& clock, std::uint64_t seed = 0);
    [[nodiscard]] Uuid next();
    template <class IdType>
    [[nodiscard]] IdType next_id() {
        return IdType{next()};
    }

private:
    const Clock& clock_;
    std::mutex mutex_;
    std::uint64_t state_;          // guarded by mutex_
    std::int64_t last_millis_ = 0;  // guarded by mutex_
    std::uint32_t counter_ = 0;     // guarded by mutex_
};

}  // namespace platform

template <>
struct std::hash<platform::Uuid> {
    std::size_t operator()(const platform::Uuid& id) const noexcept {
        return std::hash<std::string_view>{}(id.raw());
    }
};
template <class Tag>
struct std::hash<platform::Id<Tag>> {
    std::size_t operator()(const platform::Id<Tag>& id) const noexcept { return std::hash<platform::Uuid>{}(id.uuid); }
};
