#include "tests/backends/child_process.hpp"

#include "tests/backends/wait.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX wants it declared by its user

namespace platform::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& more) {
    std::vector<std::string> out;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        if (!more.contains(text.substr(0, text.find('=')))) out.push_back(text);
    }
    for (const auto& [name, value] : more) out.push_back(name + "=" + value);
    return out;
}

}  // namespace

bool wait_until(const std::function<bool()>& condition, Duration limit) {
    const SystemClock clock;
    const Instant end = clock.now() + limit;
    while (!condition()) {
        if (clock.now() > end) return false;
        ::poll(nullptr, 0, 10);
    }
    return true;
}

std::uint16_t free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
                       ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0;
    ::close(fd);
    if (!bound) throw std::system_error(errno, std::generic_category(), "no free port");
    return ntohs(address.sin_port);
}

bool port_answers(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool answers = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return answers;
}

ChildProcess::~ChildProcess() {
    stop();
}

void ChildProcess::start(const Command& command) {
    if (pid_ != 0) throw std::runtime_error("a process runs already");
    std::vector<std::string> arguments = command.arguments;
    std::vector<std::string> variables = merged_environment(command.environment);
    const auto argument_pointers = pointers(arguments);
    const auto variable_pointers = pointers(variables);
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(126);
        ::setpgid(0, 0);  // Ctrl-C is for the test program, which ends this one
        sigset_t none;
        sigemptyset(&none);
        ::sigprocmask(SIG_SETMASK, &none, nullptr);
        const int log = ::open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
        const int input = ::open("/dev/null", O_RDONLY);
        ::dup2(input, STDIN_FILENO);
        ::dup2(log, STDOUT_FILENO);
        ::dup2(log, STDERR_FILENO);
        ::closefrom(STDERR_FILENO + 1);
        ::execvpe(argument_pointers[0], argument_pointers.data(), variable_pointers.data());
        ::_exit(127);
    }
    pid_ = child;
}

bool ChildProcess::running() {
    if (pid_ == 0) return false;
    if (::waitpid(pid_, nullptr, WNOHANG) == 0) return true;
    pid_ = 0;
    return false;
}

void ChildProcess::signal(int number) const {
    if (pid_ == 0) return;
    ::kill(pid_, number);
    // The threads of a process stop one by one; only then does the kernel report it.
    if (number == SIGSTOP) ::waitpid(pid_, nullptr, WUNTRACED);
}

void ChildProcess::stop(Duration patience) {
    if (!running()) return;
    signal(SIGCONT);
    signal(SIGTERM);
    if (!wait_until([&] { return !running(); }, patience)) kill();
}

void ChildProcess::kill() {
    signal(SIGKILL);
    wait();
}

int ChildProcess::wait() {
    if (pid_ == 0) return 0;
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string log_tail(const std::filesystem::path& log, std::size_t bytes) {
    std::ifstream file(log, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (text.size() > bytes) text.erase(0, text.size() - bytes);
    return text;
}

std::string environment_or(const char* name, const std::string& fallback) {
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? fallback : value;
}

}  // namespace platform::test
