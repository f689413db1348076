#include "operator/reconcile/reconciler.hpp"

#include "tests/operator/reconcile/fake_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace platform::reconcile {
namespace {

using api::Truth;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ReconcilerTest : public testing::Test {
protected:
    FakeClock clock_;
    metrics::Registry registry_{"test"};
    test::FakeWorld world_;
    Reconciler reconciler_{
        {.resync = std::chrono::seconds(60), .poll = std::chrono::seconds(2), .started_at = "2026-06-01"},
        test::defaults(),
        world_.ports(),
        clock_,
        registry_
    };

    /// Rounds until there is nothing to do; pods come up in between.
    void converge(int most = 60) {
        for (int i = 0; i < most; ++i) {
            const auto next = reconciler_.reconcile("orders");
            world_.settle();
            if (next.gone || (!next.failed && next.after == std::chrono::seconds(60))) return;
        }
        ADD_FAILURE() << "did not converge; last changes: " << testing::PrintToString(world_.changes);
    }
    [[nodiscard]] const api::Condition& condition(const std::string& type) const {
        const auto* found = api::find_condition(world_.resource.status.conditions, type);
        static const api::Condition kNone;
        return found ? *found : kNone;
    }
    /// Everything but passwords and versions.
    [[nodiscard]] std::string picture() const {
        std::string out;
        for (const auto& [name, release] : world_.installed) {
            out +=
                name + (release.seen.state == ReleaseSeen::State::Deployed ? " deployed " : " not deployed ");
        }
        for (const auto& [name, topic] : world_.kafka)
            out += name + ":" + std::to_string(topic.partitions) + " ";
        for (const auto& name : world_.schemas) out += name + " ";
        for (const auto& [name, user] : world_.users) out += name + " ";
        for (const auto& [name, secret] : world_.stored_secrets) out += name + " ";
        return out;
    }
};

TEST_F(ReconcilerTest, AnEmptySpecBecomesAPlatform) {
    converge();
    EXPECT_EQ(condition("Ready").status, Truth::True);
    EXPECT_EQ(world_.resource.status.summary.services, "5/5");
    EXPECT_EQ(world_.resource.status.summary.topics, "8/8");
    EXPECT_EQ(world_.resource.status.summary.databases, "4/4");
    EXPECT_EQ(world_.installed.size(), 6U);
    EXPECT_EQ(world_.resource.status.observed_generation, 1);
    EXPECT_EQ(world_.changes.front(), "add finalizer");
    EXPECT_EQ(world_.changes.back(), "install gateway");
}

TEST_F(ReconcilerTest, TheMetricsCountResourcesByReadiness) {
    const auto resources = [this](const std::string& ready, int count) {
        return HasSubstr(
            "orderplatform_resources{application=\"test\",ready=\"" + ready + "\"} " + std::to_string(count) + "\n"
        );
    };
    for (int i = 0; i < 4; ++i) (void)reconciler_.reconcile("orders");
    EXPECT_THAT(registry_.scrape(), AllOf(resources("False", 1), resources("True", 0)));
    converge();
    EXPECT_THAT(registry_.scrape(), AllOf(resources("False", 0), resources("True", 1)));
    world_.resource.deleting = true;
    converge();
    EXPECT_THAT(registry_.scrape(), AllOf(resources("False", 0), resources("True", 0), resources("Unknown", 0)));
}

TEST_F(ReconcilerTest, NothingIsWrittenWhenNothingChanged) {
    converge();
    world_.changes.clear();
    const int writes = world_.status_writes;
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(reconciler_.reconcile("orders").after, Duration(std::chrono::seconds(60)));
    EXPECT_THAT(world_.changes, IsEmpty());
    EXPECT_EQ(world_.status_writes, writes);
}

TEST_F(ReconcilerTest, SaysWhatItWaitsFor) {
    for (int i = 0; i < 4; ++i) (void)reconciler_.reconcile("orders");
    EXPECT_EQ(condition("Ready").status, Truth::False);
    EXPECT_THAT(condition("InfrastructureReady").message, HasSubstr("StatefulSet kafka"));
    EXPECT_THAT(condition("TopicsReady").message, HasSubstr("StatefulSet kafka"));
}

TEST_F(ReconcilerTest, WithTlsEveryServiceHasAUserBeforeItStarts) {
    world_.resource.spec.tls = {.enabled = true};
    converge();
    EXPECT_EQ(condition("Ready").status, Truth::True) << condition("Ready").message;
    EXPECT_EQ(world_.kafka_accounts.size(), 4U);
    EXPECT_EQ(world_.stored_secrets.at("kafka-admin").entries.at("username"), "admin");
    const auto at = [this](const std::string& change) {
        return std::ranges::find(world_.changes, change) - world_.changes.begin();
    };
    EXPECT_LT(at("create secret kafka-admin"), at("install infrastructure"));
    for (const std::string service : {"order", "payment", "inventory", "notification"}) {
        EXPECT_EQ(
            world_.kafka_accounts.at(service).password, world_.stored_secrets.at(service + "-kafka").entries.at("password")
        );
        EXPECT_LT(at("provision kafka user " + service), at("install " + service)) << service;
        EXPECT_THAT(world_.installed.at(service).wanted.values, HasSubstr("infrastructure-tls"));
    }
}

TEST_F(ReconcilerTest, TurningTlsOnReachesEveryReleaseAndALostUserComesBack) {
    converge();
    const auto plain = world_.installed;
    world_.resource.spec.tls = {.enabled = true};
    ++world_.resource.generation;
    converge();
    EXPECT_EQ(condition("Ready").status, Truth::True) << condition("Ready").message;
    for (const auto& [name, release] : plain) EXPECT_NE(world_.installed.at(name).seen.digest, release.seen.digest) << name;
    world_.kafka_accounts.erase("payment");
    converge();
    EXPECT_TRUE(world_.kafka_accounts.contains("payment"));
}

TEST_F(ReconcilerTest, GivenCertificatesThatAreMissingAreNamed) {
    world_.resource.spec.tls = {.enabled = true, .existing_secret = "shop-certificates"};
    for (int i = 0; i < 6; ++i) {
        (void)reconciler_.reconcile("orders");
        world_.settle();
    }
    EXPECT_THAT(condition("TopicsReady").message, HasSubstr("Secret shop-certificates has no entry ca.crt"));
    EXPECT_THAT(condition("DatabasesReady").message, HasSubstr("Secret shop-certificates has no entry ca.crt"));
    EXPECT_FALSE(world_.installed.contains("order"));
}

struct MissingSecret {
    const char* name;
    void (*ask)(api::Spec& spec);
    const char* workload;   ///< that cannot come up without it; empty = it is the operator that cannot go on
    const char* condition;  ///< that names it
    const char* told;
};

TEST_F(ReconcilerTest, EachGivenSecretThatIsMissingIsNamed) {
    constexpr auto kProvider = [](api::Spec& spec) {
        spec.services = {{.name = "payment", .env = {{.name = "PROVIDER_TOKEN", .secret = "provider", .secret_key = "token"}}}};
    };
    const std::vector<MissingSecret> cases{
        {"MySQL's administrator",
         [](api::Spec& spec) { spec.mysql = {.host = "m", .secret = "mysql-admin"}; },
         "",
         "DatabasesReady",
         "Secret mysql-admin has no entry password or username"},
        {"Kafka's administrator",
         [](api::Spec& spec) {
             spec.kafka = {.bootstrap_servers = "k:9092"};
             spec.tls = {.enabled = true, .existing_secret = "given-ca"};
         },
         "",
         "TopicsReady",
         "Secret kafka-admin has no entry username or password"},
        {"the authorities",
         [](api::Spec& spec) { spec.tls = {.enabled = true, .existing_secret = "authorities"}; },
         "",
         "TopicsReady",
         "Secret authorities has no entry ca.crt"},
        {"a setting's", kProvider, "Deployment/payment", "ServicesReady", "Secret provider is not there"},
        {"a registry's",
         [](api::Spec& spec) { spec.images.pull_secrets = {"registry"}; },
         "StatefulSet/kafka",
         "InfrastructureReady",
         "Secret registry is not there"}
    };
    for (const auto& [name, ask, workload, type, told] : cases) {
        SCOPED_TRACE(name);
        test::FakeWorld world;
        world.stored_secrets["given-ca"] = {.version = "1", .entries = {{"ca.crt", "pem"}}};
        ask(world.resource.spec);
        Reconciler reconciler({.started_at = "2026-06-01"}, test::defaults(), world.ports(), clock_, registry_);
        for (int i = 0; i < 30; ++i) {
            (void)reconciler.reconcile("orders");
            world.settle();
            if (const auto state = world.states.find(workload); state != world.states.end()) state->second.ready = 0;
        }
        const auto& conditions = world.resource.status.conditions;
        EXPECT_EQ(api::find_condition(conditions, type)->status, Truth::False);
        EXPECT_THAT(api::find_condition(conditions, type)->message, HasSubstr(told));
        EXPECT_THAT(api::find_condition(conditions, "Ready")->message, HasSubstr("Secret "));
    }
}

TEST_F(ReconcilerTest, AGivenSecretIsNamedByItsEntryWhileThePodsWaitForIt) {
    world_.resource.spec.services = {
        {.name = "payment", .env = {{.name = "PROVIDER_TOKEN", .secret = "provider", .secret_key = "token"}}}
    };
    world_.stored_secrets["provider"] = {.version = "1", .entries = {{"other", "x"}}};
    converge();
    EXPECT_EQ(condition("Ready").status, Truth::True) << "pods that are ready lack nothing";
    world_.states["Deployment/payment"].ready = 0;
    (void)reconciler_.reconcile("orders");
    EXPECT_THAT(condition("ServicesReady").message, HasSubstr("Secret provider has no entry token"));
    world_.stored_secrets["provider"].entries["token"] = "t";
    (void)reconciler_.reconcile("orders");
    EXPECT_THAT(condition("ServicesReady").message, Not(HasSubstr("Secret")));
}

// Every call may be the last of a process, before or after it took effect; what comes out in the end is the
// same.
TEST_F(ReconcilerTest, ACrashAnywhereChangesNothingInTheEnd) {
    converge();
    const std::string undisturbed = picture();
    const std::size_t calls = world_.changes.size();
    for (std::size_t crash = 0; crash < calls; ++crash) {
        for (const bool after : {false, true}) {
            SCOPED_TRACE(testing::Message() << "call " << crash << (after ? " after" : " before"));
            test::FakeWorld world;
            std::size_t call = 0;
            const auto once = [&]() -> std::optional<Error> {
                if (call++ != crash) return std::nullopt;
                return Error{.kind = ErrorKind::Unavailable, .what = "crash"};
            };
            (after ? world.after : world.before) = once;
            std::unique_ptr<Reconciler> reconciler;
            bool done = false;
            for (int i = 0; i < 60 && !done; ++i) {
                if (!reconciler) {
                    reconciler = std::make_unique<Reconciler>(
                        Reconciler::Options{}, test::defaults(), world.ports(), clock_, registry_
                    );
                }
                const auto next = reconciler->reconcile("orders");
                if (next.failed) reconciler.reset();  // a new process knows nothing
                world.settle();
                done = !next.failed && next.after == std::chrono::seconds(60);
            }
            EXPECT_TRUE(done);
            std::swap(world.installed, world_.installed);
            std::swap(world.kafka, world_.kafka);
            std::swap(world.schemas, world_.schemas);
            std::swap(world.users, world_.users);
            std::swap(world.stored_secrets, world_.stored_secrets);
            EXPECT_EQ(picture(), undisturbed);
        }
    }
}

TEST_F(ReconcilerTest, DeletionKeepsTheDataAndASecondLifeFindsIt) {
    converge();
    const auto secrets = world_.stored_secrets;
    world_.resource.deleting = true;
    converge();
    EXPECT_FALSE(world_.exists);
    EXPECT_THAT(world_.installed, IsEmpty());
    EXPECT_EQ(world_.stored_claims.size(), 3U);
    EXPECT_EQ(world_.stored_secrets.size(), secrets.size());
    EXPECT_EQ(world_.schemas.size(), 4U);

    world_.exists = true;
    world_.resource = {.name = "orders", .name_space = "shop", .uid = "u2", .generation = 1};
    converge();
    EXPECT_EQ(condition("Ready").status, Truth::True);
    for (const auto& [name, secret] : secrets)
        EXPECT_EQ(world_.stored_secrets[name].entries, secret.entries) << name;
}

TEST_F(ReconcilerTest, DeletionWithPolicyDeleteLeavesNothing) {
    world_.resource.spec.deletion_policy = api::DeletionPolicy::Delete;
    converge();
    world_.resource.deleting = true;
    converge();
    EXPECT_FALSE(world_.exists);
    EXPECT_THAT(world_.installed, IsEmpty());
    EXPECT_THAT(world_.stored_claims, IsEmpty());
    EXPECT_THAT(world_.stored_secrets, IsEmpty());
}

TEST_F(ReconcilerTest, DeletionOfExternalDataNeedsThePolicyAndItsBackends) {
    world_.resource.spec.deletion_policy = api::DeletionPolicy::Delete;
    world_.resource.spec.kafka = api::ExternalKafka{.bootstrap_servers = "k:9092"};
    world_.resource.spec.mysql = api::ExternalMysql{.host = "m", .secret = "adm"};
    world_.stored_secrets["adm"] = {.version = "1", .entries = {{"username", "root"}, {"password", "x"}}};
    converge();
    EXPECT_EQ(condition("Ready").status, Truth::True);
    world_.resource.deleting = true;
    world_.before = [] { return Error{.kind = ErrorKind::Unavailable, .what = "no broker"}; };
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(reconciler_.reconcile("orders").failed);
    EXPECT_EQ(condition("Ready").reason, "DeletionBlocked");
    world_.before = [] { return std::nullopt; };
    converge();
    EXPECT_THAT(world_.kafka, IsEmpty());
    EXPECT_THAT(world_.schemas, IsEmpty());
    EXPECT_EQ(world_.stored_secrets.size(), 1U) << "the administrator's Secret is not ours";
}

TEST_F(ReconcilerTest, AnUnreachableBackendIsNeverTakenForAnEmptyOne) {
    converge();
    world_.changes.clear();
    world_.kafka_up = false;
    world_.mysql_up = false;
    (void)reconciler_.reconcile("orders");
    EXPECT_THAT(world_.changes, IsEmpty());
    EXPECT_EQ(condition("TopicsReady").status, Truth::Unknown);
    EXPECT_EQ(condition("TopicsReady").reason, "KafkaUnreachable");
    EXPECT_EQ(condition("DatabasesReady").reason, "MySQLUnreachable");
    EXPECT_EQ(condition("ServicesReady").status, Truth::True) << "the services run on";
    EXPECT_EQ(condition("Ready").status, Truth::False);
}

TEST_F(ReconcilerTest, DriftIsRepaired) {
    converge();
    world_.kafka.erase("order.events");
    world_.kafka["payment.events"].config.clear();
    world_.users["order"].rights = false;
    world_.users.erase("payment_ddl");
    world_.installed.erase("inventory");
    world_.installed["payment"].seen.state = ReleaseSeen::State::Failed;
    world_.installed["notification"].seen = {
        .state = ReleaseSeen::State::Locked, .revision = 2, .digest = ""
    };
    converge();
    EXPECT_EQ(condition("Ready").status, Truth::True);
    EXPECT_TRUE(world_.kafka.contains("order.events"));
    EXPECT_TRUE(world_.users["order"].rights);
    EXPECT_THAT(world_.changes, Contains("unlock notification"));
    EXPECT_EQ(world_.installed.size(), 6U);
}

TEST_F(ReconcilerTest, ALostSecretIsReplacedAndItsServiceStartedAgain) {
    converge();
    world_.stored_secrets.erase("order-mysql");
    world_.changes.clear();
    converge();
    EXPECT_EQ(world_.users["order"].password, world_.stored_secrets["order-mysql"].entries["password"]);
    EXPECT_THAT(world_.changes, Contains("install order"));
    EXPECT_THAT(world_.changes, Not(Contains("install payment")));
}

TEST_F(ReconcilerTest, LayersGoOffAndComeBackWithoutLosingData) {
    converge();
    world_.resource.spec.layers.services = false;
    world_.resource.generation = 2;
    converge();
    EXPECT_FALSE(world_.installed.contains("order"));
    EXPECT_TRUE(world_.installed.contains("gateway"));
    EXPECT_EQ(world_.kafka.size(), 8U);
    EXPECT_EQ(condition("Ready").status, Truth::True);
    EXPECT_EQ(condition("Ready").observed_generation, 2);
    world_.resource.spec.layers.services = true;
    converge();
    EXPECT_TRUE(world_.installed.contains("order"));
    world_.resource.spec.layers = {.infrastructure = false, .platform = false, .services = false};
    converge();
    EXPECT_THAT(world_.installed, IsEmpty());
    EXPECT_EQ(world_.stored_claims.size(), 3U);
}

TEST_F(ReconcilerTest, OnlyWhatChangedIsChanged) {
    converge();
    world_.changes.clear();
    world_.resource.spec.services.push_back({.name = "payment", .replicas = 3, .env = {}});
    converge();
    EXPECT_EQ(world_.changes, std::vector<std::string>{"install payment"});
}

TEST_F(ReconcilerTest, MorePartitionsGrowTheTopics) {
    converge();
    world_.resource.spec.topics.partitions = 12;
    converge();
    for (const auto& [name, topic] : world_.kafka) EXPECT_EQ(topic.partitions, 12) << name;
}

TEST_F(ReconcilerTest, AnInvalidSpecIsReportedAndNothingIsHalfCreated) {
    world_.resource.invalid = "spec.topics.partitions has to be a whole number";
    converge();
    EXPECT_THAT(world_.changes, IsEmpty());
    EXPECT_EQ(condition("Ready").reason, "InvalidSpec");
    EXPECT_THAT(condition("Ready").message, HasSubstr("spec.topics.partitions"));
}

TEST_F(ReconcilerTest, TheYoungerOfTwoTouchesNothingAndRemovesNothing) {
    world_.rival = "first";
    converge();
    EXPECT_THAT(world_.changes, IsEmpty());
    EXPECT_EQ(condition("Ready").reason, "ResourceConflict");
    world_.resource.finalizers.emplace_back(api::kFinalizer);
    world_.installed["order"].seen.state = ReleaseSeen::State::Deployed;
    world_.resource.deleting = true;
    converge();
    EXPECT_TRUE(world_.installed.contains("order"));
    EXPECT_FALSE(world_.exists);
}

TEST_F(ReconcilerTest, ATerminatingNamespaceIsNotHeldUp) {
    converge();
    world_.changes.clear();
    world_.resource.deleting = true;
    world_.terminating = true;
    converge();
    EXPECT_EQ(world_.changes, std::vector<std::string>{"remove finalizer"});
}

TEST_F(ReconcilerTest, SuspendedMeansNoChanges) {
    converge();
    world_.changes.clear();
    world_.resource.spec.suspend = true;
    world_.kafka.clear();
    converge();
    EXPECT_THAT(world_.changes, IsEmpty());
    EXPECT_EQ(condition("Ready").reason, "Suspended");
}

TEST_F(ReconcilerTest, AResourceReleasedByAnUninstalledOperatorIsTakenOverOnlyByALaterOne) {
    world_.resource.released_at = "2026-06-02";  // after this process started
    converge();
    EXPECT_THAT(world_.changes, IsEmpty());
    world_.resource.released_at = "2026-05-31";
    converge();
    EXPECT_EQ(condition("Ready").status, Truth::True);
}

TEST_F(ReconcilerTest, AFailingStepIsToldAndForgotten) {
    converge();
    world_.resource.spec.topics.partitions = 12;
    world_.before = [] { return Error{.kind = ErrorKind::Internal, .what = "broker says no"}; };
    EXPECT_TRUE(reconciler_.reconcile("orders").failed);
    EXPECT_EQ(condition("Ready").reason, "StepFailed");
    EXPECT_THAT(condition("Ready").message, HasSubstr("broker says no"));
    world_.before = [] { return std::nullopt; };
    converge();
    EXPECT_EQ(condition("Ready").status, Truth::True);
    EXPECT_THAT(world_.events, Contains("StepFailed"));
}

TEST_F(ReconcilerTest, NoPasswordGetsIntoStatusOrEvents) {
    converge();
    json::Writer out;
    api::write_status(out, world_.resource.status);
    EXPECT_THAT(out.text(), Not(HasSubstr("password-")));
    EXPECT_THAT(world_.events, Each(Not(HasSubstr("password-"))));
    for (const auto& [name, release] : world_.installed)
        EXPECT_THAT(release.wanted.values, Not(HasSubstr("password-")));
}

}  // namespace
}  // namespace platform::reconcile
