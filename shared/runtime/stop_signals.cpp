#include "shared/runtime/stop_signals.hpp"

#include <pthread.h>
#include <unistd.h>

namespace platform {

StopSignals::StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

int StopSignals::wait() const {
    int signal = SIGTERM;
    while (sigwait(&set_, &signal) != 0) {
    }
    return signal;
}

void StopSignals::request() {
    kill(getpid(), SIGTERM);
}

}  // namespace platform
