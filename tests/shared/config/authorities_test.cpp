#include "shared/config/authorities.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace platform::config {
namespace {

class Authorities : public testing::Test {
protected:
    Authorities() { std::filesystem::create_directories(folder_); }
    ~Authorities() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
        const auto path = folder_ / name;
        std::ofstream(path) << text;
        return path.string();
    }
    static std::string read(const std::string& path, const std::string& needed) {
        const Source source = Source::of(path.empty() ? std::map<std::string, std::string>{} : std::map<std::string, std::string>{{"X_TLS_CA", path}});
        Reader reader(source);
        return read_authorities(reader, {.name = "X_TLS_CA", .meaning = "Authorities.", .unit = "path"}, needed);
    }
    static std::string refusal(const std::string& path, const std::string& needed) {
        try {
            return "took " + read(path, needed);
        } catch (const SettingError& e) {
            return e.what();
        }
    }

private:
    std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("authorities_test." + std::to_string(getpid()));
};

TEST_F(Authorities, AFileOfCertificatesIsTaken) {
    const std::string path = file("ca.crt", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
    EXPECT_EQ(read(path, "X_TLS=required-verified"), path);
    EXPECT_EQ(read("", ""), "");
}

TEST_F(Authorities, AModeIsOneOfItsNamesOrRefused) {
    const Source source = Source::of({{"A_TLS", "preferred"}});
    Reader reader(source);
    EXPECT_EQ(read_mode(reader, {.name = "B_TLS", .meaning = "B.", .fallback = "off"}, {"off", "on"}), "off");
    try {
        (void)read_mode(reader, {.name = "A_TLS", .meaning = "A.", .fallback = "off"}, {"off", "on"});
        FAIL() << "taken";
    } catch (const SettingError& e) {
        EXPECT_STREQ(e.what(), "A_TLS: 'preferred' is not one of off, on");
    }
}

TEST_F(Authorities, WhatCannotBeIsRefusedByName) {
    const std::string key = file("tls.key", "-----BEGIN PRIVATE KEY-----\n");
    struct Case {
        std::string path;
        std::string needed;
        std::string says;
    };
    for (const auto& [path, needed, says] : {
             Case{"", "X_TLS=required-verified", "X_TLS_CA: must be set, X_TLS=required-verified asks for it"},
             Case{"/no/such/file", "X_TLS=required-verified", "X_TLS_CA: the file '/no/such/file' cannot be read"},
             Case{"/", "X_TLS=required-verified", "X_TLS_CA: the file '/' cannot be read"},
             Case{key, "X_TLS=required-verified", "X_TLS_CA: the file '" + key + "' holds no certificate (PEM)"},
             Case{key, "", "X_TLS_CA: '" + key + "' is given, but nothing is encrypted: see the TLS settings"},
         }) {
        EXPECT_EQ(refusal(path, needed), says);
    }
}

}  // namespace
}  // namespace platform::config
