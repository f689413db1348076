#include "tests/backends/kafka_broker.hpp"

#include "shared/kafka/admin.hpp"
#include "tests/backends/wait.hpp"

#include <algorithm>
#include <cctype>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace platform::test {
namespace fs = std::filesystem;
namespace {

constexpr Duration kStartLimit = std::chrono::seconds(120);
constexpr const char* kClusterId = "dGVzdC1jbHVzdGVyLTAwMQ";

void write_logging(const fs::path& file) {
    std::ofstream(file
    ) << "<Configuration status=\"ERROR\"><Appenders><Console name=\"out\">"
         "<PatternLayout pattern=\"%d %p %m (%c)%n\"/></Console></Appenders>"
         "<Loggers><Root level=\"WARN\"><AppenderRef ref=\"out\"/></Root></Loggers></Configuration>\n";
}

void write_server_properties(
    const fs::path& file,
    const fs::path& data,
    std::uint16_t port,
    std::uint16_t controller
) {
    const std::string broker_listener = "PLAINTEXT://127.0.0.1:" + std::to_string(port);
    const std::string controller_address = "127.0.0.1:" + std::to_string(controller);
    std::ofstream(file) << "process.roles=broker,controller\n"
                           "node.id=1\n"
                           "controller.quorum.voters=1@"
                        << controller_address
                        << "\n"
                           "listeners="
                        << broker_listener << ",CONTROLLER://" << controller_address
                        << "\n"
                           "advertised.listeners="
                        << broker_listener
                        << "\n"
                           "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT\n"
                           "controller.listener.names=CONTROLLER\n"
                           "inter.broker.listener.name=PLAINTEXT\n"
                           "log.dirs="
                        << data.string()
                        << "\n"
                           "num.partitions=1\n"
                           "auto.create.topics.enable=false\n"
                           "offsets.topic.replication.factor=1\n"
                           "offsets.topic.num.partitions=1\n"
                           "transaction.state.log.replication.factor=1\n"
                           "transaction.state.log.min.isr=1\n"
                           "transaction.state.log.num.partitions=1\n"
                           "share.coordinator.state.topic.replication.factor=1\n"
                           "share.coordinator.state.topic.min.isr=1\n"
                           "share.coordinator.state.topic.num.partitions=1\n"
                           "group.initial.rebalance.delay.ms=0\n"
                           "num.network.threads=2\n"
                           "num.io.threads=2\n"
                           "num.recovery.threads.per.data.dir=1\n"
                           "log.cleaner.enable=false\n"
                           "log.index.size.max.bytes=1048576\n";
}

/// java with small, quickly started settings, ready to run `main` with `arguments`.
ChildProcess::Command
java(const fs::path& directory, const std::string& main, std::vector<std::string> arguments) {
    std::vector<std::string> line{
        environment_or("JAVA", "java"),
        "-Xms128m",
        "-Xmx256m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xshare:auto",
        "-Dlog4j2.configurationFile=" + (directory / "log4j2.xml").string(),
        "-cp",
        environment_or("KAFKA_LIBS", "/opt/kafka/libs") + "/*",
        main
    };
    line.insert(line.end(), arguments.begin(), arguments.end());
    return {.arguments = std::move(line), .environment = {}, .log = directory / "log"};
}

void format(const fs::path& data) {
    const TemporaryDirectory directory("kafka-format");
    write_logging(directory.path() / "log4j2.xml");
    write_server_properties(directory.path() / "server.properties", data, 1, 2);
    ChildProcess process;
    process.start(java(
        directory.path(),
        "kafka.tools.StorageTool",
        {"format", "-t", kClusterId, "-c", (directory.path() / "server.properties").string()}
    ));
    if (process.wait() != 0) {
        throw std::runtime_error(
            "Kafka's data could not be formatted:\n" + log_tail(directory.path() / "log")
        );
    }
}

}  // namespace

KafkaBroker& KafkaBroker::instance() {
    static KafkaBroker broker;
    return broker;
}

KafkaBroker::KafkaBroker(std::vector<Listener> listeners)
    : directory_("kafka"), port_(free_port()), controller_port_(free_port()), listeners_(std::move(listeners)) {
    write_logging(directory_.path() / "log4j2.xml");
    write_server_properties(properties(), directory_.path() / "data", port_, controller_port_);
    if (!listeners_.empty()) write_listeners();
    copy_of_template("kafka", directory_.path() / "data", format);
    start();
}

std::string KafkaBroker::bootstrap_servers() const {
    return "127.0.0.1:" + std::to_string(port_);
}

/// In a file of properties the last line of a name holds.
void KafkaBroker::write_listeners() {
    const std::string plain = "PLAINTEXT://" + bootstrap_servers();
    std::string addresses = plain + ",CONTROLLER://127.0.0.1:" + std::to_string(controller_port_);
    std::string advertised = plain;
    std::string protocols = "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT";
    std::ofstream file(properties(), std::ios::app);
    std::vector<std::uint16_t> taken{port_, controller_port_};
    for (const Listener& one : listeners_) {
        std::uint16_t port = free_port();
        while (std::ranges::contains(taken, port)) port = free_port();  // nobody listens on the others yet
        taken.push_back(port);
        ports_[one.name] = port;
        const std::string name_and_address = "," + one.name + "://" + address(one.name);
        addresses += name_and_address;
        advertised += name_and_address;
        protocols += "," + one.name + ":" + one.protocol;
        std::string prefix = "listener.name." + one.name + ".";
        std::ranges::transform(prefix, prefix.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        file << prefix << "ssl.keystore.type=PEM\n" << prefix << "ssl.keystore.location=" << one.certificate << "\n";
        for (const char* mechanism : {"scram-sha-256", "scram-sha-512"}) {
            file << prefix << mechanism
                 << ".sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;\n";
        }
    }
    file << "listeners=" << addresses << "\nadvertised.listeners=" << advertised
         << "\nlistener.security.protocol.map=" << protocols
         << "\nsasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512\n"
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n"
            "super.users=User:admin;User:ANONYMOUS\n";
}

std::string KafkaBroker::address(const std::string& listener) const {
    return "127.0.0.1:" + std::to_string(ports_.at(listener));
}

std::string KafkaBroker::fresh_name(const std::string& prefix) {
    return prefix + "." + std::to_string(++names_);
}

std::string KafkaBroker::fresh_topic(
    const std::string& prefix,
    std::int32_t partitions,
    const std::map<std::string, std::string>& config
) {
    const std::string name = fresh_name(prefix);
    create_topic(name, partitions, config);
    return name;
}

void KafkaBroker::create_topic(
    const std::string& name,
    std::int32_t partitions,
    const std::map<std::string, std::string>& config
) {
    kafka::Admin admin(bootstrap_servers(), {}, std::chrono::seconds(20));
    auto created =
        admin.create({{.name = name, .partitions = partitions, .replication_factor = 1, .config = config}});
    if (!created)
        throw std::runtime_error("topic " + name + " could not be created: " + created.error().what);
    // The controller has answered; the broker, which the clients ask, learns of it a little later.
    const bool known = wait_until([&] {
        auto found = admin.describe({name}, {});
        return found && found->size() == 1 && found->front().partitions == partitions;
    });
    if (!known) throw std::runtime_error("topic " + name + " did not appear");
}

void KafkaBroker::start() {
    process_.start(java(directory_.path(), "kafka.Kafka", {properties().string()}));
    // The port opens only when the broker is unfenced, but asking it is what counts.
    bool answers = false;
    const bool over = wait_until(
        [&] {
            if (!process_.running()) return true;
            if (!port_answers(port_)) return false;
            kafka::Admin admin(bootstrap_servers(), {}, std::chrono::seconds(5));
            answers = admin.describe({"no-such-topic"}, {}).has_value();
            return answers;
        },
        kStartLimit
    );
    if (!over || !answers) throw std::runtime_error("Kafka did not start:\n" + log_tail(log()));
}

void KafkaBroker::stop() {
    process_.stop();
}
void KafkaBroker::kill() {
    process_.kill();
}
void KafkaBroker::pause() {
    process_.signal(SIGSTOP);
}
void KafkaBroker::resume() {
    process_.signal(SIGCONT);
}

}  // namespace platform::test
