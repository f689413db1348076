// What the code knows of the events, for contracts_test.py:
//   event_contract examples   one JSON line a sample: name, type, topic, key, value, headers
//   event_contract decode     reads a value a line and answers "event", "unknown" or "refused <why>"
//   event_contract codes      the failure codes, one a line
//   event_contract topics     topic and partitions of an OrderPlatform with `spec: {}`, one a line
#include "operator/reconcile/desired.hpp"
#include "shared/core/json_writer.hpp"
#include "shared/events/events.hpp"
#include "shared/outbox/outbox.hpp"
#include "tests/shared/events/samples.hpp"

#include <iostream>
#include <string>
#include <string_view>
#include <variant>

namespace platform::events {
namespace {

void write_examples(std::ostream& out) {
    for (const auto& [name, event] : samples()) {
        const auto row = outbox::to_row(event, "", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        json::Writer json;
        json.begin_object()
            .field("name", name)
            .field("type", type_name(event.payload))
            .field("topic", row.record.topic)
            .field("key", row.record.key)
            .key("value")
            .raw(row.record.value)
            .key("headers")
            .begin_object();
        for (const auto& [header, value] : row.record.headers) json.field(header, value);
        json.end_object().end_object();
        out << json.text() << '\n';
    }
}

void answer_values(std::istream& in, std::ostream& out) {
    for (std::string line; std::getline(in, line);) {
        const auto decoded = decode(line);
        if (!decoded) {
            out << "refused " << decoded.error().what << '\n';
        } else {
            out << (std::holds_alternative<Event>(*decoded) ? "event" : "unknown") << '\n';
        }
    }
}

void write_codes(std::ostream& out) {
    for (int number = 0; number < 256; ++number) {
        const auto name = code_name(static_cast<FailureCode>(number));
        if (!name.empty()) out << name << '\n';
    }
}

void write_topics(std::ostream& out) {
    for (const auto& topic : reconcile::desired_state({}, {}, {}).topics) out << topic.name << ' ' << topic.partitions << '\n';
}

}  // namespace
}  // namespace platform::events

int main(int argc, char** argv) {
    const std::string_view mode = argc == 2 ? argv[1] : "";
    if (mode == "examples") {
        platform::events::write_examples(std::cout);
    } else if (mode == "decode") {
        platform::events::answer_values(std::cin, std::cout);
    } else if (mode == "codes") {
        platform::events::write_codes(std::cout);
    } else if (mode == "topics") {
        platform::events::write_topics(std::cout);
    } else {
        std::cerr << "usage: event_contract examples | decode | codes | topics\n";
        return 2;
    }
    return 0;
}
