#include "operator/provision/trust_file.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace platform::provision {

TrustFile::~TrustFile() {
    remove();
}

Result<std::string> TrustFile::path_of(const std::string& pem) {
    if (pem.empty()) return std::string{};
    if (!path_.empty() && pem == pem_) return path_;
    std::error_code failed;
    std::string path = (std::filesystem::temp_directory_path(failed) / "authorities.XXXXXX").string();
    const int fd = failed ? -1 : ::mkstemp(path.data());
    if (fd < 0) return fail(ErrorKind::Internal, "no temporary file for certificates");
    ::close(fd);
    std::ofstream file(path, std::ios::binary);
    file << pem;
    file.close();
    if (!file) {
        std::filesystem::remove(path, failed);
        return fail(ErrorKind::Internal, "certificates could not be written to " + path);
    }
    remove();
    path_ = path;
    pem_ = pem;
    return path_;
}

void TrustFile::remove() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove(path_, ignored);
}

}  // namespace platform::provision
