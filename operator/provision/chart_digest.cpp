#include "operator/provision/chart_digest.hpp"

#include "shared/core/uuid.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace platform::provision {

std::map<std::string, std::string> chart_digests(const std::string& directory) {
    namespace fs = std::filesystem;
    std::map<std::string, std::map<std::string, std::string>> files;  // chart -> file -> content, sorted
    try {
        for (const auto& chart : fs::directory_iterator(directory)) {
            if (!fs::exists(chart.path() / "Chart.yaml")) continue;
            for (const auto& entry : fs::recursive_directory_iterator(chart.path())) {
                if (!entry.is_regular_file() || entry.path().filename() == "README.md") continue;
                std::ifstream in(entry.path(), std::ios::binary);
                std::string content{std::istreambuf_iterator<char>(in), {}};
                if (!in.good() && !in.eof()) throw std::runtime_error(entry.path().string());
                files[chart.path().filename().string()][fs::relative(entry.path(), chart.path()).string()] =
                    std::move(content);
            }
        }
    } catch (const std::exception& e) {
        throw std::runtime_error("the charts in " + directory + " cannot be read: " + e.what());
    }
    std::map<std::string, std::string> digests;
    for (const auto& [chart, contents] : files) {
        std::string all;
        for (const auto& [name, content] : contents) {
            all += name + '\0' + std::to_string(content.size()) + '\0' + content;
        }
        digests[chart] = Uuid::of_name(all).text();
    }
    for (const char* needed : {"infrastructure", "service"}) {
        if (!digests.contains(needed)) {
            throw std::runtime_error("there is no chart " + std::string(needed) + " in " + directory);
        }
    }
    return digests;
}

}  // namespace platform::provision
