#include "tests/backends/certificates.hpp"

#include "tests/backends/child_process.hpp"

#include <chrono>
#include <format>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace platform::test {
namespace {

void openssl(const std::filesystem::path& directory, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "openssl");
    const auto log = directory / "log";
    ChildProcess process;
    process.start({.arguments = std::move(arguments), .environment = {}, .log = log});
    if (process.wait() != 0) throw std::runtime_error("openssl:\n" + log_tail(log));
}

std::string text_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

Authority::Authority() : directory_("authority") {
    openssl(
        directory_.path(),
        {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-subj", "/CN=authority of a test",
         "-days", "2", "-keyout", (directory_.path() / "ca.key").string(), "-out", ca()}
    );
}

Authority::Certificate Authority::issue(const std::string& names, Validity validity) {
    const auto base = directory_.path() / std::to_string(++issued_);
    const std::string request = base.string() + ".csr";
    const std::string extensions = base.string() + ".ext";
    const Certificate made{.certificate = base.string() + ".crt", .key = base.string() + ".key", .both = base.string() + ".pem"};
    std::ofstream(extensions) << "subjectAltName=" << names << "\n";
    openssl(
        directory_.path(),
        {"req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-subj", "/CN=server of a test", "-keyout",
         made.key, "-out", request}
    );
    std::vector<std::string> sign{"x509", "-req", "-in", request, "-CA", ca(), "-CAkey", (directory_.path() / "ca.key").string(),
                                  "-extfile", extensions, "-out", made.certificate};
    if (validity == Validity::LongPast) {
        sign.insert(sign.end(), {"-not_before", "20200101000000Z", "-not_after", "20200201000000Z"});
    } else if (validity == Validity::Seconds) {
        const auto end = std::chrono::ceil<std::chrono::seconds>(std::chrono::system_clock::now()) + std::chrono::seconds(3);
        sign.insert(sign.end(), {"-not_after", std::format("{:%Y%m%d%H%M%S}Z", end)});
    } else {
        sign.insert(sign.end(), {"-days", "2"});
    }
    openssl(directory_.path(), std::move(sign));
    std::ofstream(made.both) << text_of(made.key) << text_of(made.certificate);
    return made;
}

}  // namespace platform::test
