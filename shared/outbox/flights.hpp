#pragma once
#include "shared/core/result.hpp"
#include "shared/core/uuid.hpp"
#include "shared/kafka/producer.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace platform::outbox {

/// Inner part of the relay: which records of which rows of the table have not met their fate yet. A row is settled when its last record is.
/// One thread at a time.
class Flights {
public:
    using Slot = std::size_t;  ///< the place of a row here, so finding it costs nothing

    /// What became of a whole row.
    struct Settled {
        Uuid row;
        int attempts = 0;
        bool dropped = false;            ///< a record was not sent: the row's claim has to run out
        std::vector<Uuid> failed{};      ///< records that were not acknowledged
        bool all_failed = false;         ///< no record was acknowledged
        std::optional<Error> error{};    ///< of the last failed record; a retryable one is preferred
    };

    /// A row with `records` records, none of them sent yet.
    [[nodiscard]] Slot open(const Uuid& row, int attempts, std::size_t records);
    /// A record of the row is being sent.
    [[nodiscard]] kafka::Producer::Token add(Slot slot, const Uuid& record);
    /// The record is not being sent after all and goes back to where it was. The token has to be flying.
    void undo(kafka::Producer::Token token);

    /// The record met its fate. Nothing when the token is unknown or was settled before, or when other records of its row are still open.
    /// `known` tells whether the token was flying.
    struct Landed {
        bool known = false;
        std::optional<Settled> settled{};
    };
    [[nodiscard]] Landed land(kafka::Producer::Token token, const Result<void>& fate);
    /// A record of the row will not be sent.
    [[nodiscard]] std::optional<Settled> drop(Slot slot);

    [[nodiscard]] std::size_t in_flight() const { return in_flight_; }

private:
    struct Row {
        Settled news;
        std::size_t records = 0;
        std::size_t open = 0;
    };
    struct Flight {
        Slot slot = 0;
        Uuid record;
        bool flying = false;
    };
    [[nodiscard]] std::optional<Settled> close_one(Slot slot);
    void release(kafka::Producer::Token token);

    std::vector<Row> rows_;
    std::vector<Slot> free_rows_;
    std::vector<Flight> flights_;
    std::vector<std::size_t> free_flights_;
    std::size_t in_flight_ = 0;
};

}  // namespace platform::outbox
