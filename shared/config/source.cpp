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

void flatten(
    const YAML::Node& node,
    const std::string& name,
    int depth,
    std::map<std::string, std::string>& out
) {
    constexpr int kDeepest = 16;
    const auto fault = [&](const char* why) {
        return SettingError(std::format("{}: {} {}", kFileVariable, name.empty() ? "the file" : name, why));
    };
    if (depth > kDeepest) throw fault("is nested too deep");
    if (node.IsMap()) {
        for (const auto& entry : node) {
            if (!entry.first.IsScalar()) throw fault("has a key that is not a plain text");
            const std::string part = setting_name(entry.first.Scalar());
            flatten(entry.second, name.empty() ? part : std::format("{}_{}", name, part), depth + 1, out);
        }
        return;
    }
    if (name.empty()) throw fault("is not a map of settings");
    if (node.IsNull()) throw fault("has no value");
    const std::string text = node.IsSequence() ? sequence_text(node, name) : node.Scalar();
    if (!out.emplace(name, text).second) throw fault("is set twice");
}

std::map<std::string, std::string> parse_yaml(std::string_view text) {
    std::map<std::string, std::string> settings;
    try {
        const YAML::Node root = YAML::Load(std::string(text));
        if (!root.IsNull()) flatten(root, "", 0, settings);
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
    source.file_ = parse_yaml(yaml);
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

std::vector<std::string> Source::unused(const std::vector<std::string>& known) const {
    std::vector<std::string> rest;
    for (const auto& [name, value] : file_) {
        if (!std::ranges::contains(known, name)) rest.push_back(name);
    }
    return rest;
}

}  // namespace platform::config
