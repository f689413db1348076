#pragma once
#include "shared/core/json.hpp"
#include "shared/http/client.hpp"
#include "tests/backends/child_process.hpp"
#include "tests/backends/template_directory.hpp"
#include "tests/backends/wait.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace platform::payment {

/// tests/sandbox as a process of this test, with fresh books. One thread.
class Sandbox {
public:
    static constexpr const char* kToken = "token of the test";

    Sandbox() { start(); }

    void start() {
        const auto log = folder_.path() / ("log" + std::to_string(++starts_));
        process_.start(
            {.arguments =
                 {"python3", "-B", PAYMENT_SANDBOX, "--ledger", (folder_.path() / "ledger").string(), "--port",
                  std::to_string(port_), "--token", kToken},
             .environment = {},
             .log = log}
        );
        const std::string said = "listening on ";
        const auto listens = [&] { return test::log_tail(log).contains(said) && test::log_tail(log).ends_with('\n'); };
        if (!test::wait_until([&] { return listens() || !process_.running(); }) || !process_.running()) {
            throw std::runtime_error("the sandbox did not start: " + test::log_tail(log));
        }
        const std::string tail = test::log_tail(log);
        port_ = std::stoi(tail.substr(tail.find(said) + said.size()));  // and keeps it for the next start
    }
    void kill() { process_.kill(); }

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

    /// {"latencyMs": 5}: tests/sandbox/README.md has the rules.
    void rules(const std::string& json) { (void)control("PUT", "/control/rules", json); }
    /// A number of the books: "charges", "captured", ... in 10^-4 units.
    [[nodiscard]] std::int64_t sum(const std::string& name) {
        return std::stoll(json::parse(control("GET", "/control/summary", "")).value().find(name)->text());
    }
    /// How often something was asked for: "charge", "refund", "void", "find".
    [[nodiscard]] std::int64_t asked(const std::string& name) {
        return std::stoll(json::parse(control("GET", "/control/summary", "")).value().find("asked")->find(name)->text());
    }

private:
    std::string control(const std::string& method, const std::string& path, const std::string& body) {
        http::ClientRequest request;
        request.method = method;
        request.url = url() + path;
        request.body = body;
        auto answer = client_.send(request);
        if (!answer) throw std::runtime_error(answer.error().what);
        if (answer->status != 200) throw std::runtime_error(answer->body);
        return answer->body;
    }

    test::TemporaryDirectory folder_{"payment-sandbox"};
    int starts_ = 0;
    int port_ = 0;
    test::ChildProcess process_;
    http::Client client_;
};

}  // namespace platform::payment
