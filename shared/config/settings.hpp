#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace platform::config {

/// A setting is missing, malformed or out of range. `what()` is one line that names it, says what is allowed and where it was set;
/// it never contains the value of a secret.
class SettingError : public std::runtime_error {
public:
    /// Control characters, which a quoted value may hold, become "?".
    explicit SettingError(std::string fault);
};

/// One value of a tree of settings whose names nobody can list before: resilience4j.retry.instances.<name>.maxAttempts.
struct Leaf {
    /// From the file: the keys below the root as written ("retry", "instances", "a-name", "maxAttempts"). From the environment: one text, the rest of the
    /// variable's name ("RETRY_INSTANCES_A_NAME_MAXATTEMPTS"), since nobody can tell where its parts end.
    std::vector<std::string> path;
    std::string value;
    std::string written;  ///< name and place, for messages
};

/// Where values come from: environment over YAML file over default. The file is named by the variable CONFIG_FILE; its keys are
/// the names in lower case, dashes allowed for underscores, nested by dots or maps ("http: {port: 8081}" = HTTP_PORT).
/// A secret may be given as a file: `<NAME>_FILE` holds its path.
class Source {
public:
    /// The process environment, and the file that CONFIG_FILE names. Throws SettingError when that file is unreadable or malformed.
    [[nodiscard]] static Source of_process();
    [[nodiscard]] static Source of(std::map<std::string, std::string> environment, std::string_view yaml = "");

    [[nodiscard]] std::optional<std::string> find(const std::string& name) const;
    /// Where a value of find() stands, for messages.
    [[nodiscard]] std::string origin(const std::string& name) const;
    /// All values below a top-level key of the file, and of variables that begin with its name in capitals and "_". Sequences come as "a,b".
    [[nodiscard]] std::vector<Leaf> tree(const std::string& root) const;
    /// The names of the file's values below these top-level keys.
    [[nodiscard]] std::vector<std::string> names_below(const std::vector<std::string>& roots) const;
    /// Keys of the YAML file that nobody asked for (a typing error there must stop the start).
    [[nodiscard]] std::vector<std::string> unused(const std::vector<std::string>& known) const;

private:
    std::map<std::string, std::string> environment_;
    std::map<std::string, std::string> file_;
    std::map<std::string, std::vector<std::string>> paths_;  // of file_, by name
};

/// One row of a program's settings: everything that there is to say about one of them.
struct Row {
    std::string name;     ///< UPPER_SNAKE, the environment variable
    std::string meaning;  ///< one sentence
    std::string fallback{};  ///< the default as text; ignored when `required`
    std::string unit{};    ///< "ms", "bytes", "port", "host", ... or empty
    bool required = false;
    bool secret = false;  ///< never printed
};

/// Reads a program's settings, one call a setting; each call declares the row, checks it and gives the typed value.
/// Collects the rows so that --settings can print them. One thread.
class Reader {
public:
    explicit Reader(const Source& source);

    [[nodiscard]] std::string text(Row row);
    [[nodiscard]] std::int64_t integer(Row row, std::int64_t min, std::int64_t max);
    [[nodiscard]] double number(Row row, double min, double max);
    [[nodiscard]] bool flag(Row row);
    /// Accepts "250ms", "5s", "15m", "2h", or a bare number in `row.unit` (default ms).
    [[nodiscard]] std::chrono::milliseconds duration(Row row, std::chrono::milliseconds min, std::chrono::milliseconds max);
    /// One of `allowed`.
    [[nodiscard]] std::string choice(Row row, const std::vector<std::string>& allowed);
    /// Comma-separated, blanks trimmed, empty parts refused.
    [[nodiscard]] std::vector<std::string> list(Row row);

    /// A tree is strict by its own reader; finish() takes all of it for known.
    [[nodiscard]] std::vector<Leaf> tree(const std::string& root);

    /// Call last: throws SettingError for the first fault found by any call above (calls give the default meanwhile, so that rows stay complete),
    /// and for keys of the YAML file that no row names.
    void finish() const;

    [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }

private:
    std::optional<std::string> take(const Row& row);
    void reject(const Row& row, const std::string& value, const std::string& expected);
    void note_fault(std::string fault);
    template <class T, class Parse>
    T typed(const Row& row, const std::string& expected, Parse parse);

    const Source& source_;
    std::vector<Row> rows_;
    std::vector<std::string> trees_;
    std::string first_fault_;
};

/// Prints the rows as an aligned table: name, default, unit, meaning (secrets and required ones are marked).
void print_settings(std::ostream& out, const std::vector<Row>& rows);

}  // namespace platform::config
