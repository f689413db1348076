#include "operator/kube/credentials.hpp"

#include <fstream>
#include <iterator>

namespace platform::kube {
namespace {

std::string read_trimmed(const std::string& path) {
    std::ifstream file(path);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.pop_back();
    return text;
}

}  // namespace

TokenFile::TokenFile(std::string path, const Clock& clock) : path_(std::move(path)), clock_(clock) {}

Result<std::string> TokenFile::token() {
    if (path_.empty()) return std::string{};
    const std::lock_guard lock(mutex_);
    if (!token_.empty() && clock_.now() - read_at_ < kMaxAge) return token_;
    std::string fresh = read_trimmed(path_);
    if (!fresh.empty()) {
        token_ = std::move(fresh);
        read_at_ = clock_.now();
    }
    if (token_.empty()) return fail(ErrorKind::Unavailable, "no service account token in " + path_);
    return token_;
}

}  // namespace platform::kube
