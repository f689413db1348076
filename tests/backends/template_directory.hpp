#pragma once
#include <filesystem>
#include <functional>
#include <string>

namespace platform::test {

/// A directory of this process under TMPDIR, removed with all that is in it.
class TemporaryDirectory {
public:
    explicit TemporaryDirectory(const std::string& prefix);
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// Makes `target` a copy of a directory that `fill` makes once for all test programs of this container: a new
/// data directory costs seconds, a copy of one costs none. A template that was not finished is made again.
/// Throws what `fill` throws.
void copy_of_template(
    const std::string& name,
    const std::filesystem::path& target,
    const std::function<void(const std::filesystem::path& directory)>& fill
);

}  // namespace platform::test
