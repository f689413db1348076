#include "shared/service/readers.hpp"

#include "shared/outbox/outbox.hpp"
#include "tests/backends/mysql_server.hpp"
#include "tests/services/running_service.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>

namespace platform::service {
namespace {

/// A service with a route that reads: /fast, /slow waits until it is released, /<kind> fails.
class ReadersTest : public testing::Test {
protected:
    struct Reading {
        Reading(Runtime& runtime, ReadersTest& test, Readers::Options options)
            : readers(runtime, "test", options) {
            runtime.http()
                .route("GET", "/fast", [this, &test](const http::Request&, http::Responder responder) {
                    readers.read(std::move(responder), [] { return answer("fast"); });
                    ++test.asked_;
                });
            runtime.http()
                .route("GET", "/slow", [this, &test](const http::Request&, http::Responder responder) {
                    readers.read(std::move(responder), [&test] {
                        test.began_.count_down();
                        test.released_.wait();
                        return answer("slow");
                    });
                });
            runtime.http().route(
                "GET",
                "/fails/:kind",
                [this](const http::Request& request, http::Responder responder) {
                    const auto kind =
                        request.params.at("kind") == "missing" ? ErrorKind::NotFound : ErrorKind::Timeout;
                    readers.read(std::move(responder), [kind]() -> Result<http::Response> {
                        return fail(kind, "the secret reason");
                    });
                }
            );
        }
        static Result<http::Response> answer(const std::string& body) {
            return http::Response{.status = 200, .content_type = "text/plain", .body = body, .headers = {}};
        }
        Readers readers;
    };

    Program program(Readers::Options options) {
        return {
            .defaults = {.name = "test-service", .http_port = 0, .database = "none"},
            .configure =
                [this, options](config::Reader&) {
                    return Program::Parts{
                        .schema =
                            {.migrations =
                                 {{.version = 1, .name = "tables", .statements = outbox::table_statements()}},
                             .seed = {}},
                        .wire = [this, options](Runtime& runtime
                                ) { return std::make_shared<Reading>(runtime, *this, options); }
                    };
                },
        };
    }
    /// Asks /slow in another thread, and waits until its read has begun.
    std::future<std::string> ask_slowly(test::RunningService& service) {
        auto body = std::async(std::launch::async, [url = service.url("/slow")] {
            http::Client client;
            const auto answer =
                client.send({.url = url, .headers = {}, .body = {}, .timeout = std::chrono::seconds(60)});
            return answer ? answer->body : answer.error().what;
        });
        began_.wait();
        return body;
    }

    const mysql::Options database_ = test::MysqlServer::instance().fresh_database();
    std::atomic<int> asked_ = 0;  ///< reads of /fast that are queued, or refused
    std::latch began_{1};
    std::latch released_{1};
};

TEST_F(ReadersTest, AnswersWhatWasRead) {
    test::RunningService service{program({}), database_};
    const auto answer = service.get("/fast");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "fast");
}

TEST_F(ReadersTest, AnErrorIsAnsweredByItsKindWithoutItsReason) {
    test::RunningService service{program({}), database_};
    for (const auto& [path, status] : {std::pair{"/fails/missing", 404}, std::pair{"/fails/late", 504}}) {
        const auto answer = service.get(path);
        EXPECT_EQ(answer.status, status) << path;
        EXPECT_EQ(answer.headers.at("content-type"), "application/problem+json");
        EXPECT_EQ(answer.body.find("secret"), std::string::npos) << answer.body;
    }
}

TEST_F(ReadersTest, ASlowReadKeepsOneWorkerOnly) {
    test::RunningService service{program({.threads = 2, .max_queue = 10}), database_};
    auto slow = ask_slowly(service);
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(service.get("/fast").body, "fast") << "the other worker takes them all";
    released_.count_down();
    EXPECT_EQ(slow.get(), "slow");
}

TEST_F(ReadersTest, AFullQueueAnswersAtOnce) {
    test::RunningService service{program({.threads = 1, .max_queue = 1}), database_};
    auto slow = ask_slowly(service);
    auto queued = std::async(std::launch::async, [url = service.url("/fast")] {
        http::Client client;
        return client.send({.url = url, .headers = {}, .body = {}, .timeout = std::chrono::seconds(60)})
            .value()
            .body;
    });
    ASSERT_TRUE(test::wait_until([&] { return asked_ == 1; }));
    const auto refused = service.get("/fast");
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.headers.at("retry-after"), "1");
    EXPECT_EQ(test::member(refused.body, "code"), "overloaded");
    released_.count_down();
    EXPECT_EQ(slow.get(), "slow");
    EXPECT_EQ(queued.get(), "fast") << "what was queued is answered all the same";
}

}  // namespace
}  // namespace platform::service
