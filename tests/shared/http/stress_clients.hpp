#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace platform::http::test {

/// Many clients at once, each with a tag of its own in its request; the answer has to hold that tag. More than half of them leave before
/// their answer, orderly or by reset; others only listen and must hear nothing.
struct StressPlan {
    std::uint16_t port = 0;
    std::vector<std::string> paths;  ///< "/items/": the tag is appended
    int threads = 8;
    int clients_at_once = 40;  ///< of each thread
    int rounds = 40;
    unsigned seed = 1;
};
struct StressTally {
    std::size_t own = 0;          ///< answers that belonged to who got them
    std::size_t misdelivered = 0; ///< answers of somebody else
    std::size_t missing = 0;      ///< no answer although the client waited
    std::size_t aborted = 0;      ///< clients that left
    std::vector<std::string> examples;
};
StressTally stress(const StressPlan& plan);

}  // namespace platform::http::test
