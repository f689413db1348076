#include "shared/service/redrive.hpp"

#include "shared/kafka/headers.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace platform::service {
namespace {

constexpr std::size_t kPage = 200;
constexpr std::string_view kLetterPrefix = "kafka_dlt-";
constexpr std::string_view kGroupHeader = "kafka_dlt-original-consumer-group";

}  // namespace

Redrive::Redrive(Options options, kafka::Backlog& backlog, Publish publish, const Clock& clock)
    : options_(std::move(options)), backlog_(backlog), publish_(std::move(publish)), clock_(clock) {}

Result<Redrive::Outcome> Redrive::run(const Choice& choice, Instant deadline) {
    auto spans = backlog_.spans(dead_letter_topics(choice));
    if (!spans) return fail(std::move(spans).error());
    Outcome outcome;
    for (const auto& span : *spans) {
        if (choice.partition && span.partition.partition != *choice.partition) continue;
        if (auto done = drain(span, choice, deadline, outcome); !done) return fail(std::move(done).error());
    }
    return outcome;
}

Result<std::vector<kafka::Backlog::Span>> Redrive::waiting() {
    return backlog_.spans(dead_letter_topics({}));
}

std::vector<std::string> Redrive::dead_letter_topics(const Choice& choice) const {
    std::vector<std::string> names;
    for (const std::string& topic : options_.topics) {
        if (!choice.topic || *choice.topic == topic) names.push_back(topic + options_.suffix);
    }
    return names;
}

/// Up to where the partition ended when the run began: letters that come back while it runs are for the next one.
Result<void>
Redrive::drain(const kafka::Backlog::Span& span, const Choice& choice, Instant deadline, Outcome& outcome) {
    std::int64_t next = span.next;
    while (next < span.end && clock_.now() < deadline) {
        const auto room = choice.limit - std::min(choice.limit, static_cast<std::size_t>(outcome.redriven));
        auto page = backlog_.read(span.partition, next, span.end, std::min(kPage, room));
        if (!page) return fail(std::move(page).error());
        if (page->next == next) break;  // no room
        std::vector<kafka::OutgoingRecord> chosen;
        for (kafka::Record& letter : page->records) {
            if (wanted(letter, choice)) chosen.push_back(original(std::move(letter)));
        }
        const auto count = static_cast<std::int64_t>(chosen.size());
        const auto skipped = static_cast<std::int64_t>(page->records.size()) - count;
        if (!chosen.empty()) {
            if (auto published = publish_(std::move(chosen)); !published) return published;
        }
        if (!choice.key) {
            if (auto noted = backlog_.commit(span.partition, page->next); !noted) return noted;
        }
        outcome.redriven += count;
        outcome.skipped += skipped;
        next = page->next;
    }
    outcome.waiting += span.end - next;
    return {};
}

/// A letter that says nothing of its group was not written by us; it is better redriven than forgotten.
bool Redrive::wanted(const kafka::Record& letter, const Choice& choice) const {
    const std::string* group = kafka::find_header(letter.headers, kGroupHeader);
    if (group != nullptr && *group != options_.group) return false;
    return !choice.key || letter.key == *choice.key;
}

kafka::OutgoingRecord Redrive::original(kafka::Record letter) const {
    kafka::OutgoingRecord record{
        .topic = letter.topic.substr(0, letter.topic.size() - options_.suffix.size()),
        .key = std::move(letter.key),
        .value = std::move(letter.value),
        .headers = std::move(letter.headers),
    };
    std::erase_if(record.headers, [](const auto& one) { return one.first.starts_with(kLetterPrefix); });
    return record;
}

}  // namespace platform::service
