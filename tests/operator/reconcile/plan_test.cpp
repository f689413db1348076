#include "operator/reconcile/plan.hpp"

#include "operator/reconcile/desired.hpp"
#include "tests/operator/reconcile/fake_world.hpp"

#include <gtest/gtest.h>

#include <random>

namespace platform::reconcile {
namespace {

using State = ReleaseSeen::State;

template <class Kind>
bool plans(const std::vector<Step>& steps) {
    return std::ranges::any_of(steps, [](const Step& step) { return std::holds_alternative<Kind>(step); });
}

/// Observed exactly as desired.
Observed as_wanted(const Desired& desired, const std::map<std::string, SecretSeen>& secrets) {
    Observed observed{.finalizer = true, .secrets = secrets};
    for (const auto& release : desired.releases) {
        if (release.enabled)
            observed.releases[release.name] = {
                .state = State::Deployed, .revision = 1, .digest = release.digest
            };
    }
    std::vector<TopicSeen> topics;
    for (const auto& topic : desired.topics)
        topics.push_back({.name = topic.name, .partitions = topic.partitions, .config = topic.config});
    observed.topics.value = topics;
    std::vector<DatabaseSeen> databases;
    for (const auto& database : desired.databases) {
        databases.push_back({.name = database.name, .database = true, .user = true, .ddl_user = true});
    }
    observed.databases.value = databases;
    return observed;
}

std::map<std::string, SecretSeen> all_secrets(const api::Spec& spec) {
    std::map<std::string, SecretSeen> secrets;
    for (const auto& name : secret_names(spec)) secrets[name] = {.version = "1"};
    return secrets;
}

struct Fixture {
    api::Spec spec;
    std::map<std::string, SecretSeen> secrets = all_secrets(spec);
    Desired desired = desired_state(spec, test::defaults(), secrets);
    Observed observed = as_wanted(desired, secrets);
};

TEST(Plan, NothingToDoMeansNoSteps) {
    const Fixture f;
    EXPECT_TRUE(plan(f.desired, f.observed).empty());
}

TEST(Plan, TheFinalizerComesBeforeAnythingElse) {
    Fixture f;
    f.observed = {};
    EXPECT_EQ(plan(f.desired, f.observed), std::vector<Step>{AddFinalizer{}});
}

TEST(Plan, AServiceWaitsForItsDatabaseAndTheTopicsBeforeItsFirstStart) {
    Fixture f;
    f.observed.releases.clear();
    f.observed.databases.value->front().user = false;
    const auto steps = plan(f.desired, f.observed);
    const auto installs = [&](const std::string& name) {
        return std::ranges::find(steps, Step(InstallRelease{name})) != steps.end();
    };
    EXPECT_FALSE(installs("order"));
    EXPECT_TRUE(installs("payment"));
    EXPECT_FALSE(installs("gateway")) << "the gateway comes after the services";
    f.observed.topics.value->pop_back();
    EXPECT_EQ(
        std::ranges::count_if(
            plan(f.desired, f.observed),
            [](const Step& s) { return std::holds_alternative<InstallRelease>(s); }
        ),
        1
    ) << "only the infrastructure";
}

TEST(Plan, AnInstalledServiceIsChangedThoughKafkaDoesNotAnswer) {
    Fixture f;
    f.observed.topics = {.error = Error{.kind = ErrorKind::Timeout, .what = "x"}};
    f.observed.releases["order"].digest = "old";
    EXPECT_EQ(plan(f.desired, f.observed), std::vector<Step>{InstallRelease{"order"}});
}

TEST(Plan, NothingThatTrustsCertificatesIsChangedBeforeTheyAreThere) {
    Fixture f;
    f.spec.tls = {.enabled = true};
    f.secrets = all_secrets(f.spec);
    f.observed.secrets = f.secrets;
    f.observed.secrets.erase("infrastructure-tls");
    f.desired = desired_state(f.spec, test::defaults(), f.observed.secrets);
    EXPECT_EQ(plan(f.desired, f.observed), std::vector<Step>{InstallRelease{"infrastructure"}});
    f.observed.secrets = f.secrets;
    EXPECT_EQ(plan(f.desired, f.observed).size(), 6U);
}

TEST(Plan, WhatCouldNotBeReadIsLeftAlone) {
    Fixture f;
    f.observed.topics = {.error = Error{.kind = ErrorKind::Timeout, .what = "x"}};
    f.observed.databases = {.error = Error{.kind = ErrorKind::Timeout, .what = "x"}};
    EXPECT_TRUE(plan(f.desired, f.observed).empty());
}

TEST(Plan, TopicsNeverShrink) {
    Fixture f;
    for (auto& topic : *f.observed.topics.value) topic.partitions = 50;
    EXPECT_TRUE(plan(f.desired, f.observed).empty());
}

TEST(Plan, ALockedReleaseIsUnlockedAtItsRevisionAndInstalledAgain) {
    Fixture f;
    f.observed.releases["order"] = {.state = State::Locked, .revision = 4, .digest = ""};
    EXPECT_EQ(
        plan(f.desired, f.observed), (std::vector<Step>{UnlockRelease{"order", 4}, InstallRelease{"order"}})
    );
}

TEST(Plan, DeletionGoesBackwardsAndEndsWithTheFinalizer) {
    Fixture f;
    f.observed.deleting = true;
    const auto steps = plan(f.desired, f.observed);
    EXPECT_EQ(steps.front(), Step(UninstallRelease{"gateway"}));
    EXPECT_EQ(steps[steps.size() - 2], Step(UninstallRelease{"infrastructure"}));
    EXPECT_EQ(steps.back(), Step(RemoveFinalizer{}));
    EXPECT_FALSE(
        plans<DeleteClaim>(steps) || plans<DeleteSecret>(steps) || plans<DropDatabase>(steps) ||
        plans<DeleteTopics>(steps)
    );
}

TEST(Plan, DataIsDeletedOnlyWhenThePolicySaysSo) {
    Fixture f;
    f.observed.deleting = true;
    f.observed.delete_data = true;
    const auto steps = plan(f.desired, f.observed);
    EXPECT_TRUE(plans<DeleteClaim>(steps) && plans<DeleteSecret>(steps));
    EXPECT_FALSE(plans<DropDatabase>(steps)) << "the volumes go as a whole";
    EXPECT_EQ(steps.back(), Step(RemoveFinalizer{}));
}

TEST(Plan, AForcedOrphanDoesNotAskExternalBackends) {
    Fixture f;
    f.desired.kafka.own = false;
    f.desired.mysql.own = false;
    f.observed.deleting = f.observed.delete_data = true;
    EXPECT_TRUE(plans<DropDatabase>(plan(f.desired, f.observed)));
    f.observed.force_orphan = true;
    EXPECT_FALSE(
        plans<DropDatabase>(plan(f.desired, f.observed)) || plans<DeleteTopics>(plan(f.desired, f.observed))
    );
}

TEST(Plan, WithoutOurFinalizerADeletionIsNotOurs) {
    Fixture f;
    f.observed.deleting = true;
    f.observed.finalizer = false;
    EXPECT_TRUE(plan(f.desired, f.observed).empty());
}

/// Applies one step to what was observed, as a perfect world would.
void apply(const Step& step, const Desired& desired, Observed& observed) {
    const auto release = [&](const std::string& name) {
        return *std::ranges::find(desired.releases, name, &ReleaseWanted::name);
    };
    if (std::holds_alternative<AddFinalizer>(step)) observed.finalizer = true;
    if (const auto* s = std::get_if<CreateSecret>(&step)) observed.secrets[s->name] = {.version = "1"};
    if (const auto* s = std::get_if<UnlockRelease>(&step)) observed.releases[s->name].state = State::Failed;
    if (const auto* s = std::get_if<InstallRelease>(&step)) {
        ASSERT_NE(observed.releases[s->name].state, State::Locked) << "helm refuses a locked release";
        observed.releases[s->name] = {
            .state = State::Deployed, .revision = 1, .digest = release(s->name).digest
        };
    }
    if (const auto* s = std::get_if<UninstallRelease>(&step)) observed.releases.erase(s->name);
    if (const auto* s = std::get_if<CreateTopics>(&step)) {
        for (const auto& name : s->names)
            observed.topics.value->push_back({.name = name, .partitions = 1, .config = {}});
    }
    if (const auto* s = std::get_if<GrowTopic>(&step)) {
        auto topic = std::ranges::find(*observed.topics.value, s->name, &TopicSeen::name);
        ASSERT_GT(s->partitions, topic->partitions);
        topic->partitions = s->partitions;
    }
    if (const auto* s = std::get_if<ConfigureTopic>(&step)) {
        std::ranges::find(*observed.topics.value, s->name, &TopicSeen::name)->config =
            std::ranges::find(desired.topics, s->name, &TopicWanted::name)->config;
    }
    if (const auto* s = std::get_if<ProvisionKafkaUser>(&step)) {
        std::erase_if(*observed.kafka_users.value, [&](const auto& seen) { return seen.name == s->name; });
        observed.kafka_users.value->push_back({.name = s->name, .complete = true});
    }
    if (const auto* s = std::get_if<ProvisionDatabase>(&step)) {
        std::erase_if(*observed.databases.value, [&](const auto& seen) { return seen.name == s->name; });
        observed.databases.value->push_back(
            {.name = s->name, .database = true, .user = true, .ddl_user = true}
        );
    }
}

TEST(Plan, FromAnywhereItReachesTheSpecAndThenRests) {
    std::mt19937 random(7);
    const auto coin = [&](unsigned one_in) { return random() % one_in == 0; };
    for (int game = 0; game < 1000; ++game) {
        SCOPED_TRACE(game);
        api::Spec spec;
        spec.layers = {.infrastructure = !coin(5), .platform = !coin(5), .services = !coin(5)};
        spec.topics.partitions = 1 + static_cast<int>(random() % 20);
        if (coin(4)) spec.kafka = api::ExternalKafka{.bootstrap_servers = "k:1"};
        if (coin(4)) spec.mysql = api::ExternalMysql{.host = "m", .secret = "adm"};
        if (coin(4)) spec.redis = api::ExternalRedis{.host = "r"};
        if (coin(3)) spec.tls = {.enabled = true, .existing_secret = "given"};
        const auto secrets = all_secrets(spec);
        const Desired desired = desired_state(spec, test::defaults(), secrets);
        Observed observed{.finalizer = coin(2)};
        for (const auto& [name, secret] : secrets) {
            if (coin(2) || name == "adm" || name == "given") observed.secrets[name] = secret;
        }
        for (const auto& release : desired.releases) {
            if (coin(2)) continue;
            const State states[] = {State::Deployed, State::Failed, State::Locked};
            observed.releases[release.name] = {
                .state = states[random() % 3], .revision = 3, .digest = coin(2) ? release.digest : "old"
            };
        }
        observed.topics.value.emplace();
        observed.databases.value.emplace();
        if (spec.tls.enabled) observed.kafka_users.value.emplace();
        for (const auto& user : desired.kafka_users) {
            if (coin(2)) observed.kafka_users.value->push_back({.name = user.name, .complete = coin(2)});
        }
        for (const auto& topic : desired.topics) {
            if (coin(2))
                observed.topics.value->push_back(
                    {.name = topic.name, .partitions = 1 + static_cast<int>(random() % 30), .config = {}}
                );
        }
        for (const auto& database : desired.databases) {
            if (coin(2))
                observed.databases.value->push_back(
                    {.name = database.name, .database = coin(2), .user = coin(2), .ddl_user = coin(2)}
                );
        }

        int rounds = 0;
        for (auto steps = plan(desired, observed); !steps.empty(); steps = plan(desired, observed)) {
            ASSERT_LT(++rounds, 10) << "next: " << describe(steps.front());
            for (const Step& step : steps) apply(step, desired, observed);
        }
        for (const auto& release : desired.releases) {
            const bool there = observed.releases.contains(release.name);
            EXPECT_EQ(
                there,
                release.enabled &&
                    (release.layer == Layer::Infrastructure || desired.provision || release.database.empty())
            ) << release.name;
            if (there) {
                EXPECT_EQ(observed.releases[release.name].digest, release.digest) << release.name;
            }
        }
        if (desired.provision) {
            EXPECT_TRUE(topics_complete(desired, observed));
        }
    }
}

}  // namespace
}  // namespace platform::reconcile
