#include "operator/provision/helm_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

namespace platform::provision {
namespace {

/// A file descriptor with an owner.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        close();
        fd_ = std::exchange(other.fd_, -1);
        return *this;
    }
    ~Descriptor() { close(); }
    void close() {
        if (fd_ >= 0) ::close(fd_);
        fd_ = -1;
    }
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool open() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

struct Pipe {
    Descriptor read;
    Descriptor write;
    bool make() {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) return false;
        read = Descriptor(ends[0]);
        write = Descriptor(ends[1]);
        return true;
    }
};

std::string reason(int error) {
    return std::generic_category().message(error);
}

class SpawnSetup {
public:
    SpawnSetup() {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
        // Signals that our threads block must not stay blocked in the child, or it could not be ended
        // politely.
        sigset_t none;
        sigemptyset(&none);
        sigset_t defaults;
        sigemptyset(&defaults);
        sigaddset(&defaults, SIGPIPE);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &defaults);
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        );
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;
    ~SpawnSetup() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }
    void connect(int from, int to) { posix_spawn_file_actions_adddup2(&actions_, from, to); }
    [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }
    [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

/// Takes what is there; false at the end.
bool drain(const Descriptor& from, std::string& into) {
    std::array<char, 16384> buffer{};
    const ssize_t got = read(from.get(), buffer.data(), buffer.size());
    if (got < 0) return errno == EINTR || errno == EAGAIN;
    if (got == 0) return false;
    // What is too much is thrown away, so that the child never waits for us.
    const std::size_t room =
        HelmProcess::kMaxOutputBytes - std::min(HelmProcess::kMaxOutputBytes, into.size());
    into.append(buffer.data(), std::min(room, static_cast<std::size_t>(got)));
    return true;
}

bool feed(const Descriptor& to, const std::string& input, std::size_t& sent) {
    const ssize_t wrote = write(to.get(), input.data() + sent, input.size() - sent);
    if (wrote < 0) return errno == EINTR || errno == EAGAIN;
    sent += static_cast<std::size_t>(wrote);
    return sent < input.size();
}

int exit_code_of(int status) {
    constexpr int kSignalBase = 128;
    return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalBase + WTERMSIG(status);
}

struct Child {
    pid_t pid = -1;
    Descriptor in;
    Descriptor out;
    Descriptor err;
};

Result<Child> start(
    const std::string& program,
    const std::vector<std::string>& arguments,
    const std::map<std::string, std::string>& environment
) {
    Pipe in;
    Pipe out;
    Pipe err;
    if (!in.make() || !out.make() || !err.make())
        return fail(ErrorKind::Unavailable, "no pipe: " + reason(errno));
    SpawnSetup setup;
    setup.connect(in.read.get(), STDIN_FILENO);
    setup.connect(out.write.get(), STDOUT_FILENO);
    setup.connect(err.write.get(), STDERR_FILENO);
    std::vector<std::string> words{program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
    Child child;
    const int error = posix_spawn(
        &child.pid,
        program.c_str(),
        setup.actions(),
        setup.attributes(),
        pointers(words).data(),
        pointers(variables).data()
    );
    if (error != 0) return fail(ErrorKind::Unavailable, "cannot start " + program + ": " + reason(error));
    fcntl(in.write.get(), F_SETFL, O_NONBLOCK);
    child.in = std::move(in.write);
    child.out = std::move(out.read);
    child.err = std::move(err.read);
    return child;
}

}  // namespace

void HelmProcess::interrupt(Duration grace) {
    grace_nanos_ = grace.count();
}

Result<HelmProcess::Finished> HelmProcess::run(
    const std::vector<std::string>& arguments,
    const std::map<std::string, std::string>& environment,
    const std::string& input
) {
    if (grace_nanos_ >= 0) return fail(ErrorKind::Unavailable, "the operator is stopping");
    auto child = start(program_, arguments, environment);
    if (!child) return fail(child.error());

    constexpr int kTickMillis = 100;
    const SystemClock clock;
    Instant deadline = clock.now() + timeout_;
    bool shortened = false;
    bool killed = false;
    Finished finished;
    std::size_t sent = 0;
    if (input.empty()) child->in.close();
    while (child->out.open() || child->err.open()) {
        std::array<pollfd, 3> polled{
            pollfd{.fd = child->out.get(), .events = POLLIN, .revents = 0},
            pollfd{.fd = child->err.get(), .events = POLLIN, .revents = 0},
            pollfd{.fd = child->in.get(), .events = POLLOUT, .revents = 0}
        };
        poll(polled.data(), polled.size(), kTickMillis);
        if (polled[0].revents != 0 && !drain(child->out, finished.output)) child->out.close();
        if (polled[1].revents != 0 && !drain(child->err, finished.errors)) child->err.close();
        if (polled[2].revents != 0 && !feed(child->in, input, sent)) child->in.close();
        if (grace_nanos_ >= 0 && !shortened) {
            shortened = true;
            deadline = std::min(deadline, clock.now() + Duration(grace_nanos_.load()));
        }
        if (!killed && clock.now() >= deadline) {
            killed = true;
            kill(-child->pid, SIGKILL);
        }
    }
    int status = 0;
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (killed) {
        return shortened
                   ? fail(ErrorKind::Unavailable, program_ + " was ended, because the operator is stopping")
                   : fail(ErrorKind::Timeout, program_ + " took too long and was ended");
    }
    finished.exit_code = exit_code_of(status);
    return finished;
}

}  // namespace platform::provision
