#include "operator/config.hpp"

#include <gtest/gtest.h>

namespace platform::operators {
namespace {

using config::SettingError;
using config::Source;

TEST(OperatorConfig, ANamespaceIsEnoughInACluster) {
    const auto config = read_config(Source::of(
        {{"WATCH_NAMESPACE", "shop"},
         {"KUBERNETES_SERVICE_HOST", "10.96.0.1"},
         {"KUBERNETES_SERVICE_PORT", "443"}}
    ));
    EXPECT_EQ(config.name_space, "shop");
    EXPECT_EQ(config.api_url, "https://10.96.0.1:443");
    EXPECT_EQ(config.token_file, "/var/run/secrets/kubernetes.io/serviceaccount/token");
    EXPECT_EQ(config.http_port, 8080);
    EXPECT_EQ(config.defaults.repository_prefix, "localhost/orderplatform");
}

TEST(OperatorConfig, ADashMeansNoFile) {
    const auto config = read_config(Source::of(
        {{"WATCH_NAMESPACE", "shop"},
         {"KUBE_TOKEN_PATH", "-"},
         {"KUBE_CA_PATH", "-"},
         {"KUBE_API_URL", "http://127.0.0.1:1"}}
    ));
    EXPECT_EQ(config.token_file, "");
    EXPECT_EQ(config.ca_file, "");
    EXPECT_EQ(config.api_url, "http://127.0.0.1:1");
}

TEST(OperatorConfig, EveryNameThatANamespaceCanHaveIsTaken) {
    for (const std::string& name : {std::string("a"), std::string("0"), std::string("my-shop-2"), std::string(63, 'a')}) {
        EXPECT_EQ(read_config(Source::of({{"WATCH_NAMESPACE", name}})).name_space, name);
    }
}

TEST(OperatorConfig, WrongOrMissingSettingsAreNamed) {
    const std::pair<std::map<std::string, std::string>, const char*> cases[] = {
        {{}, "WATCH_NAMESPACE"},
        {{{"WATCH_NAMESPACE", "a,b"}}, "WATCH_NAMESPACE: 'a,b'"},
        {{{"WATCH_NAMESPACE", "*"}}, "WATCH_NAMESPACE: '*'"},
        {{{"WATCH_NAMESPACE", ""}}, "WATCH_NAMESPACE"},
        {{{"WATCH_NAMESPACE", "Shop"}}, "WATCH_NAMESPACE: 'Shop'"},
        {{{"WATCH_NAMESPACE", "-a"}}, "WATCH_NAMESPACE: '-a'"},
        {{{"WATCH_NAMESPACE", "a-"}}, "WATCH_NAMESPACE: 'a-'"},
        {{{"WATCH_NAMESPACE", std::string(64, 'a')}}, "WATCH_NAMESPACE: 'aaa"},
        {{{"WATCH_NAMESPACE", "a"}, {"HTTP_PORT", "high"}}, "HTTP_PORT"},
        {{{"WATCH_NAMESPACE", "a"}, {"RESYNC_INTERVAL", "0s"}}, "RESYNC_INTERVAL"},
        {{{"WATCH_NAMESPACE", "a"}, {"IMAGE_PULL_POLICY", "Sometimes"}}, "IMAGE_PULL_POLICY"},
        {{{"WATCH_NAMESPACE", "a"}, {"LOG_LEVEL", "loud"}}, "LOG_LEVEL"},
    };
    for (const auto& [environment, name] : cases) {
        SCOPED_TRACE(name);
        try {
            (void)read_config(Source::of(environment));
            ADD_FAILURE() << "accepted";
        } catch (const SettingError& e) {
            EXPECT_TRUE(std::string(e.what()).contains(name)) << e.what();
        }
    }
}

}  // namespace
}  // namespace platform::operators
