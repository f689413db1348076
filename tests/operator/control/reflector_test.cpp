#include "operator/control/reflector.hpp"

#include "operator/api/fields.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>

namespace platform::control {
namespace {

using kube::Request;
using kube::Response;
using kube::StreamEnd;
using namespace std::chrono_literals;

/// What the sink was told, as a map from name to version.
class RecordingSink final : public ObjectSink {
public:
    void replace_all(const std::vector<json::Value>& objects) override {
        ++lists;
        known.clear();
        for (const auto& object : objects) changed(object);
    }
    void changed(const json::Value& object) override {
        known[api::text_at(object, "metadata.name")] = api::text_at(object, "metadata.resourceVersion");
    }
    void deleted(const json::Value& object) override { known.erase(api::text_at(object, "metadata.name")); }
    std::map<std::string, std::string> known;
    int lists = 0;
};

/// An API server in memory: lists come from `list`, each watch plays one script of lines.
class ScriptedServer final : public kube::HttpTransport {
public:
    struct Script {
        std::vector<std::string> lines{};
        int status = 200;
        bool refuse = false;
    };
    std::deque<Result<Response>> lists;
    std::deque<Script> watches;
    std::vector<std::string> targets;

    Result<Response> send(const Request& request) override {
        targets.push_back(request.target);
        if (lists.empty()) return fail(ErrorKind::Unavailable, "no list left");
        auto list = lists.front();
        if (lists.size() > 1) lists.pop_front();
        return list;
    }
    Result<StreamEnd>
    stream(const Request& request, const std::function<bool(std::string&&)>& on_line, const std::stop_token&)
        override {
        targets.push_back(request.target);
        if (watches.empty()) return fail(ErrorKind::Unavailable, "no watch left");
        const Script script = std::move(watches.front());
        watches.pop_front();
        if (script.refuse) return fail(ErrorKind::Unavailable, "refused");
        StreamEnd end{.status = script.status};
        if (script.status != 200) return end;
        for (std::string line : script.lines) {
            ++end.lines;
            if (!on_line(std::move(line))) break;
        }
        return end;
    }
};

std::string object(const std::string& name, int version) {
    return R"({"metadata":{"name":")" + name + R"(","resourceVersion":")" + std::to_string(version) +
           R"("}})";
}
std::string event(const std::string& type, const std::string& name, int version) {
    return R"({"type":")" + type + R"(","object":)" + object(name, version) + "}";
}
Response list(int version, const std::string& items = "") {
    return {
        .status = 200,
        .body =
            R"({"metadata":{"resourceVersion":")" + std::to_string(version) + R"("},"items":[)" + items + "]}"
    };
}

class ReflectorTest : public testing::Test {
protected:
    FakeClock clock_;
    metrics::Registry registry_{"test"};
    ScriptedServer server_;
    kube::Client client_{server_, clock_, registry_};
    RecordingSink sink_;
    Reflector reflector_{
        {.path = "/things", .label_selector = "", .kind = "things", .if_unknown = "define things"},
        client_,
        sink_,
        clock_,
        registry_
    };
    std::stop_source stop_;

    Duration round() { return reflector_.round(stop_.get_token()); }
};

TEST_F(ReflectorTest, ListsThenWatchesFromThere) {
    server_.lists.emplace_back(list(10, object("a", 5)));
    server_.watches.push_back({.lines = {event("ADDED", "b", 11), event("DELETED", "a", 12)}});
    EXPECT_FALSE(reflector_.synced());
    EXPECT_EQ(round(), Duration::zero());
    EXPECT_TRUE(reflector_.synced());
    EXPECT_EQ(sink_.known, (std::map<std::string, std::string>{{"b", "11"}}));
    EXPECT_TRUE(server_.targets[1].contains("resourceVersion=10&"));
}

TEST_F(ReflectorTest, ResumesFromTheLastVersionSeenBookmarksIncluded) {
    server_.lists.emplace_back(list(10));
    server_.watches.push_back({.lines = {event("ADDED", "a", 11), event("BOOKMARK", "", 40)}});
    server_.watches.push_back({.lines = {event("ADDED", "b", 41)}});
    (void)round();
    (void)round();
    EXPECT_EQ(sink_.lists, 1);
    EXPECT_TRUE(server_.targets[2].contains("resourceVersion=40&"));
    EXPECT_EQ(sink_.known.size(), 2U);
}

TEST_F(ReflectorTest, AKindThatTheServerDoesNotKnowIsToldWithWhatToDoUntilItIsThere) {
    const Response unknown{.status = 404, .body = "404 page not found"};
    server_.lists.emplace_back(unknown);
    server_.lists.emplace_back(fail(ErrorKind::Unavailable, "away"));
    server_.lists.emplace_back(unknown);
    server_.lists.emplace_back(list(10, object("a", 5)));
    server_.lists.emplace_back(unknown);
    EXPECT_EQ(reflector_.advice(), "");
    clock_.advance(1h);
    EXPECT_GT(round(), Duration::zero());
    EXPECT_EQ(reflector_.advice(), "define things");
    EXPECT_FALSE(reflector_.synced());
    EXPECT_EQ(reflector_.silence(), Duration::zero()) << "it answers";
    (void)round();
    EXPECT_EQ(reflector_.advice(), "") << "a server that is away says nothing about the kind";
    (void)round();
    EXPECT_EQ(reflector_.advice(), "define things");
    server_.watches.push_back({.lines = {event("ADDED", "b", 11)}});
    (void)round();
    EXPECT_EQ(reflector_.advice(), "");
    EXPECT_EQ(sink_.known.size(), 2U);
    server_.watches.push_back({.lines = {}, .status = 404});
    (void)round();
    (void)round();
    EXPECT_EQ(reflector_.advice(), "define things") << "the definition was deleted under the watch";
}

TEST_F(ReflectorTest, TooOldLeadsToANewListWhetherByStatusOrByEvent) {
    server_.lists.emplace_back(list(10, object("stale", 1)));
    server_.lists.emplace_back(list(90, object("fresh", 80)));
    server_.watches.push_back({.lines = {R"({"type":"ERROR","object":{"code":410,"message":"too old"}})"}});
    server_.watches.push_back({.status = 410});
    server_.watches.push_back({.lines = {event("MODIFIED", "fresh", 91)}});
    (void)round();
    EXPECT_EQ(sink_.lists, 1);
    (void)round();
    EXPECT_EQ(sink_.lists, 2);
    EXPECT_EQ(sink_.known, (std::map<std::string, std::string>{{"fresh", "80"}}));
    (void)round();
    EXPECT_EQ(sink_.lists, 3);
    EXPECT_EQ(sink_.known, (std::map<std::string, std::string>{{"fresh", "91"}}));
}

TEST_F(ReflectorTest, AnUnreadableLineIsNotSkippedSilently) {
    server_.lists.emplace_back(list(10, object("a", 1)));
    server_.watches.push_back({.lines = {"{\"type\":\"ADDED\",\"obj", event("DELETED", "a", 12)}});
    server_.watches.push_back({.lines = {event("BOOKMARK", "", 11)}});
    (void)round();
    (void)round();
    EXPECT_EQ(sink_.lists, 2);
}

TEST_F(ReflectorTest, BacksOffWhileTheServerIsAwayAndRecovers) {
    EXPECT_GT(round(), Duration::zero());
    EXPECT_GT(round(), Duration::zero());
    EXPECT_FALSE(reflector_.synced());
    server_.lists.emplace_back(list(10));
    server_.watches.push_back({.refuse = true});
    EXPECT_GT(round(), Duration::zero());
    EXPECT_TRUE(reflector_.synced());
    server_.watches.push_back({.lines = {event("ADDED", "a", 11)}});
    EXPECT_EQ(round(), Duration::zero());
    EXPECT_EQ(sink_.lists, 1) << "a watch that could not be opened is no reason to list again";
}

TEST_F(ReflectorTest, AWatchThatEndsAtOnceDoesNotSpin) {
    server_.lists.emplace_back(list(10));
    server_.watches.push_back({});
    EXPECT_GT(round(), Duration::zero());
}

TEST_F(ReflectorTest, AForbiddenListKeepsTheProcessUp) {
    server_.lists.emplace_back(Response{.status = 403, .body = "{}"});
    EXPECT_GT(round(), Duration::zero());
    EXPECT_FALSE(reflector_.synced());
}

TEST_F(ReflectorTest, TellsHowLongTheServerHasBeenSilent) {
    server_.lists.emplace_back(list(10));
    server_.watches.push_back({.lines = {event("ADDED", "a", 11)}});
    (void)round();
    clock_.advance(100s);
    EXPECT_EQ(reflector_.silence(), Duration(100s));
    EXPECT_LT(reflector_.silence(), reflector_.silence_limit());
    clock_.advance(1000s);
    EXPECT_GT(reflector_.silence(), reflector_.silence_limit());
}

TEST_F(ReflectorTest, HoweverTheWatchBreaksTheSinkEndsEqualToTheServer) {
    std::mt19937 random(20261122);
    for (int game = 0; game < 200; ++game) {
        SCOPED_TRACE(game);
        ScriptedServer server;
        RecordingSink sink;
        kube::Client client(server, clock_, registry_);
        Reflector reflector(
            {.path = "/things", .label_selector = "", .kind = "game"}, client, sink, clock_, registry_
        );
        std::map<std::string, std::string> truth;
        std::vector<std::string> history;  // event i leads to version i + 1
        for (int version = 1; version <= 30; ++version) {
            const std::string name(1, static_cast<char>('a' + random() % 5));
            if (truth.contains(name) && random() % 3 == 0) {
                truth.erase(name);
                history.push_back(event("DELETED", name, version));
            } else {
                history.push_back(event(truth.contains(name) ? "MODIFIED" : "ADDED", name, version));
                truth[name] = std::to_string(version);
            }
        }
        std::string items;
        for (const auto& [name, version] : truth)
            items += (items.empty() ? "" : ",") + object(name, std::stoi(version));
        server.lists.emplace_back(list(0));
        server.lists.emplace_back(list(30, items));
        // The stream is cut anywhere, repeats what was sent before, or is too old.
        std::size_t at = 0;
        bool relisted = false;
        while (at < history.size() && !relisted) {
            ScriptedServer::Script script;
            const std::size_t again = at - std::min<std::size_t>(at, random() % 3);
            const std::size_t until = std::min(history.size(), at + 1 + random() % 8);
            script.lines.assign(
                history.begin() + static_cast<std::ptrdiff_t>(again),
                history.begin() + static_cast<std::ptrdiff_t>(until)
            );
            at = until;
            if (random() % 10 == 0) {
                script.lines.emplace_back(R"({"type":"ERROR","object":{"code":410}})");
                relisted = true;
            }
            server.watches.push_back(std::move(script));
        }
        for (int i = 0; i < 40; ++i) (void)reflector.round(stop_.get_token());
        EXPECT_EQ(sink.known, truth);
    }
}

TEST_F(ReflectorTest, StopsPromptlyWhileItBacksOff) {
    reflector_.start();
    reflector_.stop();
    SUCCEED() << "stop() joins";
}

}  // namespace
}  // namespace platform::control
