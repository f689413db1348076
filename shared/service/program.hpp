#pragma once
#include "shared/config/settings.hpp"
#include "shared/service/service_config.hpp"
#include "shared/service/service_runtime.hpp"

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace platform::service {

/// What makes one service different from the others, for run().
struct Program {
    Defaults defaults;
    /// Wires the service into the runtime (routes, consumers, workers) and gives the owner of what it made;
    /// that is kept until the runtime has stopped.
    using Wire = std::function<std::shared_ptr<void>(Runtime&)>;  // shared_ptr: only for its typeless
                                                                  // deleter, it has one owner
    /// A task for an operator's hands: `<name> <command> <option> <value>...` with every option given once. It
    /// runs with the settings of the service, beside it, and gives the line to print.
    struct Command {
        std::string name;                  ///< "--re-emit"
        std::vector<std::string> options;  ///< "--from"
        using Values = std::map<std::string, std::string>;
        std::function<Result<std::string>(const Settings&, const Values&)> run;
    };
    struct Parts {
        Schema schema;
        Wire wire;
        std::vector<Command> commands{};
    };
    /// Declares and reads the service's own settings; must not do anything else.
    std::function<Parts(config::Reader&)> configure;
};

/// The whole main of a service:
///   <name>              serves until SIGTERM or SIGINT
///   <name> --settings   prints the settings with default, unit and meaning
///   <name> --migrate    brings the schema up to date, waiting for the database for at most a minute, then
///   ends
///   <name> --version
///   <name> <command>... one of the program's own commands
/// Gives the exit code: 0, or 1 after one line on `err` that says what is wrong (a setting, the port, the
/// schema), or 2 for unknown arguments.
[[nodiscard]] int
run(const Program& program, std::span<const std::string_view> arguments, std::ostream& out, std::ostream& err
);

/// The same from main's arguments.
[[nodiscard]] int run(const Program& program, int argc, char** argv);

}  // namespace platform::service
