#include "shared/core/check.hpp"

#include <cstdlib>
#include <cstring>
#include <format>
#include <string>

#include <unistd.h>

namespace platform {

void check_failed(const char* condition, const char* why, std::source_location where) {
    std::string quoted;
    for (const char c : std::string(condition)) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    const std::string line = std::format(
        R"({{"level":"error","message":"a bug: an invariant is broken","condition":"{}","why":"{}","where":"{}:{}"}})"
        "\n",
        quoted,
        why,
        where.file_name(),
        where.line()
    );
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
    std::abort();
}

}  // namespace platform
