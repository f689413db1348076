/// Preloaded into a service, moves its wall clock (not the monotonic one) by the seconds that stand in the file SKEWED_CLOCK_FILE: eight bytes, little-endian,
/// read at each look, so that a test can let the clock jump while the process runs.
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

const volatile std::int64_t* offset_file() {
    static const std::int64_t nothing = 0;
    const char* path = std::getenv("SKEWED_CLOCK_FILE");
    const int file = path == nullptr ? -1 : ::open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return &nothing;
    void* mapped = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
    ::close(file);
    return mapped == MAP_FAILED ? &nothing : static_cast<const std::int64_t*>(mapped);
}

std::int64_t offset() {
    static const volatile std::int64_t* const seconds = offset_file();
    return *seconds;
}

using ClockGettime = int (*)(clockid_t, timespec*);
using Gettimeofday = int (*)(timeval*, void*);

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
    static const auto real = reinterpret_cast<ClockGettime>(::dlsym(RTLD_NEXT, "clock_gettime"));
    const int result = real(clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec += offset();
    return result;
}

extern "C" int gettimeofday(timeval* now, void* zone) noexcept {
    static const auto real = reinterpret_cast<Gettimeofday>(::dlsym(RTLD_NEXT, "gettimeofday"));
    const int result = real(now, zone);
    now->tv_sec += offset();
    return result;
}

extern "C" std::time_t time(std::time_t* out) noexcept {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != nullptr) *out = now.tv_sec;
    return now.tv_sec;
}
