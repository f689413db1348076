#include "shared/outbox/flights.hpp"

#include "shared/core/check.hpp"

#include <utility>

namespace platform::outbox {
namespace {

/// A place in `places`, one that is free or a new one.
template <class T>
std::size_t take_place(std::vector<T>& places, std::vector<std::size_t>& free) {
    if (free.empty()) {
        places.emplace_back();
        return places.size() - 1;
    }
    const std::size_t place = free.back();
    free.pop_back();
    return place;
}

}  // namespace

Flights::Slot Flights::open(const Uuid& row, int attempts, std::size_t records) {
    CHECK(records > 0, "a row has a record");
    const Slot slot = take_place(rows_, free_rows_);
    rows_[slot] = {.news = {.row = row, .attempts = attempts}, .records = records, .open = records};
    return slot;
}

kafka::Producer::Token Flights::add(Slot slot, const Uuid& record) {
    const std::size_t token = take_place(flights_, free_flights_);
    flights_[token] = {.slot = slot, .record = record, .flying = true};
    ++in_flight_;
    return token;
}

void Flights::undo(kafka::Producer::Token token) {
    CHECK(token < flights_.size() && flights_[token].flying, "a record that the producer refused has no fate");
    release(token);
}

Flights::Landed Flights::land(kafka::Producer::Token token, const Result<void>& fate) {
    if (token >= flights_.size() || !flights_[token].flying) return {};
    const Flight flight = flights_[token];
    release(token);
    Settled& news = rows_[flight.slot].news;
    if (!fate) {
        news.failed.push_back(flight.record);
        if (!news.error || !retryable(news.error->kind)) news.error = fate.error();
    }
    return {.known = true, .settled = close_one(flight.slot)};
}

std::optional<Flights::Settled> Flights::drop(Slot slot) {
    rows_[slot].news.dropped = true;
    return close_one(slot);
}

std::optional<Flights::Settled> Flights::close_one(Slot slot) {
    Row& row = rows_[slot];
    if (--row.open > 0) return std::nullopt;
    row.news.all_failed = row.news.failed.size() == row.records;
    free_rows_.push_back(slot);
    return std::exchange(row.news, {});
}

void Flights::release(kafka::Producer::Token token) {
    flights_[token].flying = false;
    free_flights_.push_back(token);
    --in_flight_;
}

}  // namespace platform::outbox
