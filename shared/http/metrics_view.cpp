#include "shared/http/metrics_view.hpp"

#include "shared/core/json_writer.hpp"
#include "shared/http/prometheus_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <format>
#include <map>
#include <set>

namespace platform::http {
namespace {

using Labels = std::map<std::string, std::string>;

struct Series {
    std::string suffix;  ///< of a histogram's: "_count", "_sum"; "_max" for those of the family beside it
    Labels labels;
    double value = 0;
};
struct Meter {
    std::string family;
    std::string type;
    std::string help;
    std::string unit;
    std::vector<Series> series;
};
using Meters = std::map<std::string, Meter>;

bool drop_end(std::string& text, std::string_view end) {
    if (!text.ends_with(end)) return false;
    text.resize(text.size() - end.size());
    return true;
}

/// Name and unit of the meter behind a family.
std::pair<std::string, std::string> meter_of(std::string family) {
    constexpr std::array<std::string_view, 3> kUnits{"seconds", "bytes", "files"};
    std::string unit;
    drop_end(family, "_total");
    for (const std::string_view one : kUnits) {
        if (drop_end(family, "_" + std::string(one))) {
            unit = one;
            break;
        }
    }
    std::ranges::replace(family, '_', '.');
    return {std::move(family), std::move(unit)};
}

/// Families come in order of their names, so a timer's "_max" follows the timer.
class Reader {
public:
    void read(std::string_view line) {
        constexpr std::string_view kHelp = "# HELP ";
        constexpr std::string_view kType = "# TYPE ";
        if (line.starts_with(kHelp)) return note_help(line.substr(kHelp.size()));
        if (line.starts_with(kType)) return begin(line.substr(kType.size()));
        if (meter_ == nullptr) return;
        auto sample = parse_sample(line);
        if (!sample || !sample->name.starts_with(family_)) return;
        std::string suffix = longest_ ? "_max" : sample->name.substr(family_.size());
        if (suffix == "_bucket") return;
        meter_->series.push_back({.suffix = std::move(suffix), .labels = std::move(sample->labels), .value = sample->value});
    }
    [[nodiscard]] Meters take() { return std::move(meters_); }

private:
    void note_help(std::string_view line) {
        helped_ = take_until(line, ' ');
        help_ = line;
    }
    void begin(std::string_view line) {
        family_ = take_until(line, ' ');
        std::string timer = family_;
        longest_ = drop_end(timer, "_max") && timer.ends_with("_seconds");
        if (longest_) {
            const auto found = meters_.find(meter_of(timer).first);
            if (found != meters_.end() && found->second.family == timer) {
                meter_ = &found->second;
                return;
            }
            longest_ = false;
        }
        auto [name, unit] = meter_of(family_);
        meter_ = &meters_[name];
        *meter_ = Meter{
            .family = family_,
            .type = std::string(line),
            .help = helped_ == family_ ? help_ : std::string(),
            .unit = std::move(unit),
            .series = {},
        };
    }

    Meters meters_;
    Meter* meter_ = nullptr;  // the one whose lines come
    std::string family_;
    bool longest_ = false;
    std::string helped_;  // the family that help_ is of
    std::string help_;
};

Meters read_all(std::string_view scrape) {
    Reader reader;
    while (!scrape.empty()) reader.read(take_until(scrape, '\n'));
    return reader.take();
}

bool has_all(const Series& series, const Tags& tags) {
    return std::ranges::all_of(tags, [&](const auto& tag) {
        const auto found = series.labels.find(tag.first);
        return found != series.labels.end() && found->second == tag.second;
    });
}

void write_number(json::Writer& out, double number) {
    const std::string text = std::format("{}", number);
    if (std::isfinite(number)) {
        out.number_text(text);
    } else {
        out.string(text);
    }
}

/// Spring's statistic of a line of the scrape.
std::string_view statistic_of(const Meter& meter, const Series& series) {
    if (series.suffix == "_count") return "COUNT";
    if (series.suffix == "_sum") return "TOTAL_TIME";
    if (series.suffix == "_max") return "MAX";
    return meter.type == "counter" ? "COUNT" : "VALUE";
}

}  // namespace

std::string meter_names(std::string_view scrape) {
    json::Writer out;
    out.begin_object().key("names").begin_array();
    for (const auto& [name, meter] : read_all(scrape)) out.string(name);
    out.end_array().end_object();
    return out.take();
}

Result<Tags> parse_tags(std::string_view text) {
    Tags tags;
    while (!text.empty()) {
        const std::string_view one = take_until(text, ',');
        const std::size_t colon = one.find(':');
        if (colon == std::string_view::npos || colon == 0) {
            return fail(ErrorKind::Invalid, "Each tag has to be of the form key:value.");
        }
        tags.emplace_back(one.substr(0, colon), one.substr(colon + 1));
    }
    return tags;
}

Result<std::string> meter_details(std::string_view scrape, std::string_view name, const Tags& tags) {
    const Meters meters = read_all(scrape);
    auto found = meters.find(std::string(name));
    if (found == meters.end()) found = meters.find(meter_of(std::string(name)).first);
    if (found == meters.end()) return fail(ErrorKind::NotFound, "no such meter");
    const Meter& meter = found->second;

    std::map<std::string_view, double> statistics;
    std::map<std::string, std::set<std::string>> others;
    for (const Series& series : meter.series) {
        if (!has_all(series, tags)) continue;
        const std::string_view statistic = statistic_of(meter, series);
        const auto [place, fresh] = statistics.try_emplace(statistic, series.value);
        if (!fresh) place->second = statistic == "MAX" ? std::max(place->second, series.value) : place->second + series.value;
        for (const auto& [key, value] : series.labels) others[key].insert(value);
    }
    if (statistics.empty()) return fail(ErrorKind::NotFound, "no series has these tags");
    for (const auto& [key, value] : tags) others.erase(key);

    json::Writer out;
    out.begin_object().field("name", found->first).field("description", meter.help);
    if (!meter.unit.empty()) out.field("baseUnit", meter.unit);
    out.key("measurements").begin_array();
    for (const std::string_view statistic : {"COUNT", "TOTAL_TIME", "MAX", "VALUE"}) {
        const auto value = statistics.find(statistic);
        if (value == statistics.end()) continue;
        out.begin_object().field("statistic", statistic).key("value");
        write_number(out, value->second);
        out.end_object();
    }
    out.end_array().key("availableTags").begin_array();
    for (const auto& [tag, values] : others) {
        out.begin_object().field("tag", tag).key("values").begin_array();
        for (const std::string& value : values) out.string(value);
        out.end_array().end_object();
    }
    out.end_array().end_object();
    return out.take();
}

}  // namespace platform::http
