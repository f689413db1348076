#pragma once
#include "shared/core/result.hpp"

#include <string>

namespace platform::provision {

/// Certificates of authorities as a file, since the client libraries read files. It goes with this object. One thread.
class TrustFile {
public:
    TrustFile() = default;
    ~TrustFile();
    TrustFile(const TrustFile&) = delete;
    TrustFile& operator=(const TrustFile&) = delete;

    /// The path of a file that holds `pem`: the same one until the text changes. Empty for an empty text. Error: Internal.
    [[nodiscard]] Result<std::string> path_of(const std::string& pem);

private:
    void remove();
    std::string pem_;
    std::string path_;
};

}  // namespace platform::provision
