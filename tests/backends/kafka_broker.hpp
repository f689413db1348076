#pragma once
#include "tests/backends/child_process.hpp"
#include "tests/backends/template_directory.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace platform::test {

/// One real Kafka node of this test program (KRaft, broker and controller in one). It keeps its port and its
/// data over stop() and start(). Topics are not created by use. Jars: KAFKA_LIBS, default /opt/kafka/libs;
/// JVM: JAVA, default "java". Call instance() first from the main thread. A failed start throws with the end
/// of the log.
class KafkaBroker {
public:
    static KafkaBroker& instance();

    /// One more way to the broker, besides its plain one, whose clients may do everything.
    struct Listener {
        std::string name;         ///< capitals
        std::string protocol;     ///< SSL or SASL_SSL (SCRAM)
        std::string certificate;  ///< path of a key and a certificate, see certificates.hpp
    };
    /// A broker of a test's own that gives rights to users: `admin` may do everything, others what Access gives them.
    explicit KafkaBroker(std::vector<Listener> listeners);

    /// Address of one of these listeners.
    [[nodiscard]] std::string address(const std::string& listener) const;

    [[nodiscard]] std::string bootstrap_servers() const;
    /// Creates a topic with a name that begins with `prefix` and that no other has.
    [[nodiscard]] std::string fresh_topic(
        const std::string& prefix = "topic",
        std::int32_t partitions = 1,
        const std::map<std::string, std::string>& config = {}
    );
    void create_topic(
        const std::string& name,
        std::int32_t partitions = 1,
        const std::map<std::string, std::string>& config = {}
    );
    /// A text that begins with `prefix` and that no other call gave: for consumer groups.
    [[nodiscard]] std::string fresh_name(const std::string& prefix);

    void start();
    void stop();
    void kill();
    /// Lets the broker hang (SIGSTOP) and go on.
    void pause();
    void resume();

private:
    KafkaBroker() : KafkaBroker(std::vector<Listener>{}) {}
    void write_listeners();
    [[nodiscard]] std::filesystem::path properties() const { return directory_.path() / "server.properties"; }
    [[nodiscard]] std::filesystem::path log() const { return directory_.path() / "log"; }

    TemporaryDirectory directory_;
    std::uint16_t port_;
    std::uint16_t controller_port_;
    std::vector<Listener> listeners_;
    std::map<std::string, std::uint16_t> ports_;  // of the listeners
    std::atomic<int> names_{0};
    ChildProcess process_;
};

}  // namespace platform::test
