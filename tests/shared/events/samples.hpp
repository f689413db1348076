#pragma once
#include "shared/events/events.hpp"

#include <string>
#include <vector>

namespace platform::events {

struct Sample {
    std::string golden;  ///< the name of its file in golden/, without ".json"
    Event event;
};

/// One event of every type, all fields filled, and some with what may be empty.
std::vector<Sample> samples();

/// The text of a file in golden/, without its last line break.
std::string golden(const std::string& name);

}  // namespace platform::events
