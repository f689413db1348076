#pragma once
#include "shared/core/result.hpp"

namespace platform::mysql {

/// What an error number of the server or of its client library means to us.
struct Meaning {
    ErrorKind kind = ErrorKind::Internal;
    bool connection_lost = false;
    bool nothing_committed =
        false;  ///< when COMMIT gives this error, the transaction is rolled back for certain
};

/// The one place that knows MySQL's numbers. Numbers not listed are faults of ours: Internal. Thread-safe.
[[nodiscard]] Meaning meaning_of(int error_number);

}  // namespace platform::mysql
