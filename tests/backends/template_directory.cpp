#include "tests/backends/template_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace platform::test {
namespace fs = std::filesystem;
namespace {

/// Held by one process at a time; freed by the kernel when its holder dies.
class FileLock {
public:
    explicit FileLock(const fs::path& path) : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
        if (fd_ < 0 || ::flock(fd_, LOCK_EX) != 0)
            throw std::system_error(errno, std::generic_category(), path);
    }
    ~FileLock() { ::close(fd_); }
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

private:
    int fd_;
};

}  // namespace

TemporaryDirectory::TemporaryDirectory(const std::string& prefix) {
    std::string pattern = (fs::temp_directory_path() / (prefix + ".XXXXXX")).string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::system_error(errno, std::generic_category(), pattern);
    path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

void copy_of_template(
    const std::string& name,
    const fs::path& target,
    const std::function<void(const fs::path& directory)>& fill
) {
    const fs::path root = fs::temp_directory_path() / ("test-backends." + std::to_string(::getuid()));
    fs::create_directories(root);
    const fs::path directory = root / name;
    const fs::path done = root / (name + ".done");
    const FileLock lock(root / (name + ".lock"));
    if (!fs::exists(done)) {
        fs::remove_all(directory);
        fill(directory);
        const std::ofstream finished(done);
    }
    fs::copy(directory, target, fs::copy_options::recursive);
}

}  // namespace platform::test
