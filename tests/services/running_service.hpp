#pragma once
#include "shared/config/settings.hpp"
#include "shared/core/json.hpp"
#include "shared/http/client.hpp"
#include "shared/service/program.hpp"
#include "tests/backends/wait.hpp"
#include "tests/shared/service/live_service.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <sstream>
#include <string>
#include <utility>

namespace platform::test {

using Settings = std::map<std::string, std::string>;

/// A service as its main runs it, with its database usable. Kafka is away unless the settings name one. One
/// thread.
class RunningService : public LiveService {
public:
    RunningService(const service::Program& program, const mysql::Options& database, Settings settings = {})
        : LiveService(program, with_usual(std::move(settings), database)) {
        EXPECT_TRUE(wait_until([this] { return runtime().started(); }, std::chrono::seconds(60)));
    }

    [[nodiscard]] http::ClientResponse get(const std::string& target) {
        return send({.url = target, .headers = {}, .body = {}, .timeout = std::chrono::seconds(20)});
    }

private:
    static Settings with_usual(Settings settings, const mysql::Options& database) {
        settings.merge(service_environment(database, "127.0.0.1:1"));
        return settings;
    }
};

/// A member of a JSON body as text; "" and a failed test when it is not there.
[[nodiscard]] inline std::string member(const std::string& body, std::string_view name) {
    const auto parsed = json::parse(body);
    EXPECT_TRUE(parsed.has_value()) << body;
    const auto* value = parsed ? parsed->find(name) : nullptr;
    EXPECT_NE(value, nullptr) << name << " in " << body;
    return value == nullptr ? "" : value->text();
}

/// How a program's main ends without arguments when one setting is wrong: its exit code and what it says.
struct Ending {
    int code = 0;
    std::string said;
};
[[nodiscard]] inline Ending
run_with(const service::Program& program, const std::string& name, const std::string& value) {
    setenv("MYSQL_PASSWORD", "secret of the test", 1);
    setenv(name.c_str(), value.c_str(), 1);
    std::ostringstream out;
    std::ostringstream err;
    const int code = service::run(program, {}, out, err);
    unsetenv(name.c_str());
    unsetenv("MYSQL_PASSWORD");
    return {.code = code, .said = err.str()};
}

/// The fault that the reader finds in these settings; "" when there is none.
template <class Read>
[[nodiscard]] std::string fault_of(Read read, Settings settings) {
    const auto source = config::Source::of(std::move(settings));
    config::Reader reader(source);
    try {
        (void)read(reader);
        reader.finish();
    } catch (const config::SettingError& error) {
        return error.what();
    }
    return "";
}

}  // namespace platform::test
