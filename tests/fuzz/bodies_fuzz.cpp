#include "services/inventory/adapters/inventory_json.hpp"
#include "services/notification/adapters/preference_json.hpp"
#include "services/payment/adapters/provider_protocol.hpp"
#include "shared/core/check.hpp"
#include "shared/core/json.hpp"
#include "shared/core/utf8.hpp"
#include "shared/events/events.hpp"
#include "shared/http/actuator_bodies.hpp"
#include "shared/service/redrive_request.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// All other JSON that strangers send: each reader gets the same bytes. It gives a value within its bounds, with which the domain can go on, or a refusal that
// names its place and can be told to a client.

namespace platform {
namespace {

constexpr std::size_t kLongestMessage = 512;

/// `of_a_member`: of the document itself, which is well-formed.
void check_fault(std::string_view pointer, std::string_view message, bool of_a_member) {
    CHECK(!message.empty() && message.size() <= kLongestMessage, "a fault is said in a line");
    CHECK(pointer.empty() || pointer.front() == '/', "a fault has a place");
    CHECK(!of_a_member || pointer.empty() || pointer.rfind('/') == 0, "a name in a place is escaped");
}

void check_problem(const http::Problem& problem, bool well_formed) {
    constexpr std::size_t kMostFaults = 20;
    const bool unprocessable = problem.status == 422;
    CHECK(problem.status == 400 || (unprocessable && well_formed), "a refusal says whose fault it is");
    CHECK(problem.errors.size() <= kMostFaults, "faults are counted");
    for (const auto& fault : problem.errors) check_fault(fault.pointer, fault.message, unprocessable);
    CHECK(json::parse(http::to_response(problem, "c").body).has_value(), "a refusal is JSON");
}

void check_told(const inventory::ItemEffects& effects) {
    for (const auto& event : effects.events) {
        CHECK(events::decode(events::encode(event)).has_value(), "a change by hand can be announced");
    }
}

bool is_object(const auto& document) {
    return document && document->is(json::Value::Kind::Object);
}

inventory::Stamp stamp() {
    return {.next_id = [] { return Uuid::of_name("id"); }, .now = WallTime{}};
}

void meet_product(std::string_view body, bool well_formed) {
    const auto wanted = inventory::read_product(body, "P-1");
    if (!wanted) return check_problem(wanted.error(), well_formed);
    CHECK(well_formed && wanted->product_id == "P-1", "the path names the product");
    CHECK(wanted->name.empty() || utf8::is_plain(wanted->name, 200), "a name is bounded");
    CHECK(!wanted->price || *wanted->price >= Money{}, "prices are not negative");
    CHECK(events::valid_currency(wanted->currency), "a currency is a currency");
    for (const std::int64_t pieces : {wanted->low_mark, wanted->initial_stock}) {
        CHECK(pieces >= 0 && pieces <= inventory::kMostPieces, "pieces are in range");
    }
    std::optional<inventory::Item> item;
    check_told(inventory::put(*wanted, item, "c", stamp()));
    CHECK(inventory::put(*wanted, item, "c", stamp()).events.empty(), "the same again changes nothing");
}

void meet_adjustment(std::string_view body, bool well_formed) {
    const auto wanted = inventory::read_adjustment(body, "P-1", "key");
    if (!wanted) return check_problem(wanted.error(), well_formed);
    CHECK(well_formed && wanted->product_id == "P-1" && wanted->key == "key", "path and header name the adjustment");
    CHECK(utf8::is_plain(wanted->reason, 500), "a reason is bounded");
    const bool relative = wanted->kind == inventory::AdjustmentWanted::Kind::Delta;
    CHECK(wanted->amount <= inventory::kMostPieces && wanted->amount >= (relative ? -inventory::kMostPieces : 0), "pieces are in range");
    std::optional item = inventory::Item{.product_id = "P-1", .available = 1000};
    const auto made = inventory::adjust(*wanted, std::nullopt, item, "c", stamp());
    CHECK(item->available >= 0 && item->available <= inventory::kMostPieces, "stock is in range");
    if (!made) return;
    check_told(made->effects);
    CHECK(inventory::adjust(*wanted, made->adjustment, item, "c", stamp())->replayed, "a key counts once");
}

void meet_preference(std::string_view body, bool well_formed) {
    const auto preference = notification::read_preference(body);
    if (!preference) return check_fault(json::pointer_to(preference.error().member), preference.error().message, well_formed);
    CHECK(well_formed && !notification::fault_of(*preference), "what is kept has no fault");
    CHECK(preference->email.find_first_of("\r\n ,<>") == std::string::npos, "an address is one word of a mail's header");
    CHECK(json::parse(notification::to_json("user", *preference)).has_value(), "a preference can be shown");
}

void meet_redrive(std::string_view body, bool well_formed) {
    const auto request = service::read_redrive(body, "usual");
    if (!request) return check_fault(request.error().pointer, request.error().message, well_formed);
    CHECK(well_formed || body.empty(), "a request is an object or nothing");
    CHECK(request->choice.limit >= 1 && request->choice.limit <= 10'000, "letters are counted");
    CHECK(request->choice.partition.value_or(0) >= 0, "partitions are counted");
    for (const std::string& text : {request->group, request->choice.topic.value_or("t"), request->choice.key.value_or("k")}) {
        CHECK(utf8::is_plain(text, 255), "a name is bounded");
    }
}

void meet_actuator(std::string_view body, bool well_formed) {
    const bool level = http::read_level(body, log::Level::Warn).has_value();
    const auto state = http::read_breaker_state(body);
    CHECK(well_formed || !(level || state), "what is no object changes nothing");
    CHECK(!(level && state), "a body asks for one thing");
    using State = resilience::CircuitBreaker::State;
    CHECK(!state || *state == State::Closed || *state == State::ForcedOpen || *state == State::Disabled, "no other state is set by hand");
}

/// The provider's answers: nobody is charged, and nothing stored, for what it did not say.
void meet_provider(std::string_view body) {
    for (const int status : {200, 402, 500}) {
        const auto outcome = payment::protocol::read_outcome("key", status, body);
        if (!outcome) {
            CHECK(outcome.error().kind != ErrorKind::NotFound && !outcome.error().what.empty(), "a refusal has a reason");
            continue;
        }
        CHECK(status != 500 && !(status == 402 && outcome->accepted), "a refused payment was not made");
        CHECK(!(outcome->accepted && outcome->voided), "a payment was made or voided");
        const std::string_view reference = outcome->reference;
        const bool usable = !reference.empty() && reference.size() <= 128 && std::ranges::all_of(reference, [](char c) { return c > ' ' && c <= '~'; });
        CHECK(outcome->accepted ? usable : reference.empty(), "a payment has a reference that can be kept");
    }
}

}  // namespace
}  // namespace platform

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace platform;
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const bool well_formed = is_object(json::parse(body));
    meet_product(body, well_formed);
    meet_adjustment(body, well_formed);
    meet_preference(body, well_formed);
    meet_redrive(body, well_formed);
    meet_actuator(body, well_formed);
    meet_provider(body);
    return 0;
}
