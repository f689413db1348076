#include "shared/config/settings.hpp"
#include "shared/config/text_file.hpp"

#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <format>
#include <utility>

namespace platform::config {
namespace {

constexpr const char* kFileVariable = "CONFIG_FILE";

/// "http.max-body" and "http: {max_body: …}" both become HTTP_MAX_BODY.
std::string setting_name(std::string_view key) {
    std::string name;
    for (const char c : key) {
        name += c == '-' || c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return name;
}

std::string sequence_text(const YAML::Node& sequence, const std::string& name) {
    std::string text;
    for (const YAML::Node& item : sequence) {
        if (!item.IsScalar() || item.Scalar().contains(',')) {
            throw SettingError(std::format("{}: {} is not a list of plain values", kFileVariable, name));
        }
        if (!text.empty()) text += ',';
        text += item.Scalar();
    }
    return text;
}

/// The values of a file by setting name, and the keys that led to each one as they were written.
struct Flat {
    std::map<std::string, std::string> values;
    std::map<std::string, std::vector<std::string>> paths;
    std::size_t nodes = 0;  ///< that were looked at: a few lines of aliases stand for any number of them
};

/// "a.b" is two keys.
std::vector<std::string> longer(std::vector<std::string> path, const std::string& key) {
    for (std::size_t at = 0; at <= key.size();) {
        const auto dot = std::min(key.find('.', at), key.size());
        path.push_back(key.substr(at, dot - at));
        at = dot + 1;
    }
    return path;
}

void flatten(const YAML::Node& node, const std::string& name, const std::vector<std::string>& path, Flat& out) {
    constexpr std::size_t kDeepest = 16;
    constexpr std::size_t kMostNodes = 10'000;
    const auto fault = [&](const char* why) {
        return SettingError(std::format("{}: {} {}", kFileVariable, name.empty() ? "the file" : name, why));
    };
    if (path.size() > kDeepest) throw fault("is nested too deep");
    if (++out.nodes > kMostNodes) throw fault("is too large");
    if (node.IsMap()) {
        for (const auto& entry : node) {
            if (!entry.first.IsScalar()) throw fault("has a key that is not a plain text");
            const std::string part = setting_name(entry.first.Scalar());
            flatten(
                entry.second,
                name.empty() ? part : std::format("{}_{}", name, part),
                longer(path, entry.first.Scalar()),
                out
            );
        }
        return;
    }
    if (name.empty()) throw fault("is not a map of settings");
    if (node.IsNull()) throw fault("has no value");
    const std::string text = node.IsSequence() ? sequence_text(node, name) : node.Scalar();
    if (!out.values.emplace(name, text).second) throw fault("is set twice");
    out.paths.emplace(name, path);
}

Flat parse_yaml(std::string_view text) {
    Flat settings;
    try {
        const YAML::Node root = YAML::Load(std::string(text));
        if (!root.IsNull()) flatten(root, "", {}, settings);
    } catch (const YAML::Exception& e) {
        // The library's text may quote the file, which may hold a secret: only the place is told.
        throw SettingError(std::format("{}: not valid YAML at line {}", kFileVariable, e.mark.line + 1));
    }
    return settings;
}

}  // namespace

Source Source::of_process() {
    std::map<std::string, std::string> environment;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view line(*entry);
        const auto equals = line.find('=');
        if (equals != std::string_view::npos)
            environment.emplace(line.substr(0, equals), line.substr(equals + 1));
    }
    const auto file = environment.find(kFileVariable);
    if (file == environment.end() || file->second.empty()) return of(std::move(environment));
    const auto yaml = read_text_file(file->second);
    if (!yaml)
        throw SettingError(std::format("{}: the file '{}' cannot be read", kFileVariable, file->second));
    return of(std::move(environment), *yaml);
}

Source Source::of(std::map<std::string, std::string> environment, std::string_view yaml) {
    Source source;
    source.environment_ = std::move(environment);
    Flat file = parse_yaml(yaml);
    source.file_ = std::move(file.values);
    source.paths_ = std::move(file.paths);
    return source;
}

std::optional<std::string> Source::find(const std::string& name) const {
    for (const auto* values : {&environment_, &file_}) {
        if (const auto found = values->find(name); found != values->end()) return found->second;
    }
    return std::nullopt;
}

std::string Source::origin(const std::string& name) const {
    return environment_.contains(name) ? "the environment" : std::format("the file of {}", kFileVariable);
}

std::vector<Leaf> Source::tree(const std::string& root) const {
    std::vector<Leaf> leaves;
    for (const auto& [name, path] : paths_) {
        if (path.front() != root) continue;
        std::string written;
        for (const auto& key : path) written += (written.empty() ? "" : ".") + key;
        leaves.push_back(
            {.path = {path.begin() + 1, path.end()},
             .value = file_.at(name),
             .written = std::format("{} (in the file of {})", written, kFileVariable)}
        );
    }
    const std::string prefix = setting_name(root) + "_";
    for (const auto& [name, value] : environment_) {
        if (!name.starts_with(prefix)) continue;
        leaves.push_back(
            {.path = {name.substr(prefix.size())}, .value = value, .written = std::format("{} (in the environment)", name)}
        );
    }
    return leaves;
}

std::vector<std::string> Source::names_below(const std::vector<std::string>& roots) const {
    std::vector<std::string> names;
    for (const auto& [name, path] : paths_) {
        if (std::ranges::contains(roots, path.front())) names.push_back(name);
    }
    return names;
}

std::vector<std::string> Source::unused(const std::vector<std::string>& known) const {
    std::vector<std::string> rest;
    for (const auto& [name, value] : file_) {
        if (!std::ranges::contains(known, name)) rest.push_back(name);
    }
    return rest;
}

}  // namespace platform::config
