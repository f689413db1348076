#include "tests/shared/http/stress_clients.hpp"

#include "tests/shared/http/raw_client.hpp"

#include <algorithm>
#include <format>
#include <iterator>
#include <memory>
#include <random>
#include <thread>

#include <poll.h>

namespace platform::http::test {
namespace {

enum class Kind { Reads, Closes, Resets, Listens };

struct StressClient {
    Kind kind;
    std::string tag;
    std::unique_ptr<RawClient> client;
};

class StressThread {
public:
    StressThread(const StressPlan& plan, int number)
        : plan_(plan), number_(number), random_(plan.seed * 1000 + static_cast<unsigned>(number)) {}

    void run() {
        for (int round = 0; round < plan_.rounds; ++round) one_round(round);
    }
    StressTally tally;

private:
    void one_round(int round) {
        std::vector<StressClient> crowd;
        for (int i = 0; i < plan_.clients_at_once; ++i) {
            const auto dice = random_() % 10;
            const Kind kind = dice < 3 ? Kind::Closes : dice < 6 ? Kind::Resets : dice < 9 ? Kind::Reads : Kind::Listens;
            crowd.push_back({.kind = kind, .tag = std::format("t{}-{}-{}", number_, round, i), .client = nullptr});
            StressClient& one = crowd.back();
            one.client = std::make_unique<RawClient>(plan_.port);
            if (kind != Kind::Listens) one.client->send(get(plan_.paths[random_() % plan_.paths.size()] + one.tag));
            if (kind == Kind::Closes) one.client.reset();
            if (kind == Kind::Resets) one.client->reset();
            if (kind == Kind::Closes || kind == Kind::Resets) ++tally.aborted;
        }
        for (StressClient& one : crowd) {
            if (one.kind == Kind::Reads) judge(one, one.client->read());
            if (one.kind == Kind::Listens) listen(one);
        }
    }

    void judge(const StressClient& one, const std::optional<RawAnswer>& answer) {
        if (!answer) {
            ++tally.missing;
        } else if (answer->body == one.tag) {
            ++tally.own;
        } else {
            ++tally.misdelivered;
            tally.examples.push_back(one.tag + " got " + answer->body);
        }
    }

    void listen(const StressClient& one) {
        pollfd heard{.fd = one.client->descriptor(), .events = POLLIN, .revents = 0};
        if (::poll(&heard, 1, 0) == 0) return;
        ++tally.misdelivered;
        tally.examples.push_back(one.tag + ", which asked nothing, got " + one.client->read().value_or(RawAnswer{}).body);
    }

    const StressPlan& plan_;
    int number_;
    std::mt19937 random_;
};

}  // namespace

StressTally stress(const StressPlan& plan) {
    std::vector<std::unique_ptr<StressThread>> threads;
    {
        std::vector<std::jthread> running;
        for (int i = 0; i < plan.threads; ++i) {
            threads.push_back(std::make_unique<StressThread>(plan, i));
            running.emplace_back([thread = threads.back().get()] { thread->run(); });
        }
    }
    StressTally total;
    for (const auto& thread : threads) {
        total.own += thread->tally.own;
        total.misdelivered += thread->tally.misdelivered;
        total.missing += thread->tally.missing;
        total.aborted += thread->tally.aborted;
        std::ranges::copy(thread->tally.examples, std::back_inserter(total.examples));
    }
    if (total.examples.size() > 5) total.examples.resize(5);
    return total;
}

}  // namespace platform::http::test
