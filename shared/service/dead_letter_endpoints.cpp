#include "shared/service/dead_letter_endpoints.hpp"

#include "shared/core/json.hpp"
#include "shared/core/json_writer.hpp"
#include "shared/http/problem.hpp"
#include "shared/mysql/session.hpp"
#include "shared/outbox/outbox.hpp"
#include "shared/telemetry/log.hpp"

#include <charconv>
#include <cstdint>
#include <expected>
#include <functional>
#include <limits>
#include <memory>
#include <utility>

namespace platform::service {
namespace {

constexpr Duration kRunTime = std::chrono::seconds(5);  // a stop of the process waits for it; the rest is for the next call
constexpr std::int64_t kMostLetters = 10'000;

using Fault = http::FieldFault;

http::Response json_answer(json::Writer& writer) {
    return {
        .status = 200,
        .content_type = "application/json",
        .body = writer.take(),
        .headers = {{"Cache-Control", "no-store"}}
    };
}

std::expected<std::int64_t, std::string>
whole_number(const json::Value& value, std::int64_t least, std::int64_t most) {
    std::int64_t number = 0;
    const std::string& text = value.text();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = value.is(json::Value::Kind::Number) && error == std::errc{} && end == text.data() + text.size();
    if (whole && number >= least && number <= most) return number;
    return std::unexpected("has to be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

}  // namespace

struct DeadLetterEndpoints::Order {
    std::string group;
    Redrive::Choice choice;

    /// Reads a body; an empty one means everything.
    static std::expected<Order, Fault> read(const std::string& body, std::string usual_group) {
        Order order{.group = std::move(usual_group), .choice = {}};
        if (body.empty()) return order;
        const auto document = json::parse(body);
        if (!document) return std::unexpected(Fault{document.error().pointer, document.error().message});
        if (!document->is(json::Value::Kind::Object)) return std::unexpected(Fault{"", "has to be an object"});
        for (const auto& [name, value] : document->members()) {
            if (auto taken = order.take(name, value); !taken) {
                return std::unexpected(Fault{"/" + name, std::move(taken).error()});
            }
        }
        return order;
    }

private:
    std::expected<void, std::string> take(const std::string& name, const json::Value& value) {
        if (name == "limit") {
            return whole_number(value, 1, kMostLetters).transform([&](std::int64_t number) {
                choice.limit = static_cast<std::size_t>(number);
            });
        }
        if (name == "partition") {
            return whole_number(value, 0, std::numeric_limits<std::int32_t>::max()).transform([&](std::int64_t number) {
                choice.partition = static_cast<std::int32_t>(number);
            });
        }
        if (name != "group" && name != "topic" && name != "key") return std::unexpected("is not known");
        if (!value.is(json::Value::Kind::String) || value.text().empty()) return std::unexpected("has to be a text");
        if (name == "group") group = value.text();
        if (name == "topic") choice.topic = value.text();
        if (name == "key") choice.key = value.text();
        return {};
    }
};

DeadLetterEndpoints::DeadLetterEndpoints(http::Server& api, http::Server& management, Parts parts)
    : parts_(std::move(parts)) {
    const auto on_count = [this](const http::Request&, http::Responder responder) { count(std::move(responder)); };
    api.route("GET", "/actuator/deadletters", on_count);
    management.route("GET", "/actuator/deadletters", on_count);
    management.route("POST", "/actuator/deadletters/redrive", std::bind_front(&DeadLetterEndpoints::redrive, this));
}

void DeadLetterEndpoints::count(http::Responder responder) {
    parts_.workers.read(std::move(responder), [this] { return count_now(); });
}

void DeadLetterEndpoints::redrive(const http::Request& request, http::Responder responder) {
    constexpr int kBadRequest = 400;
    auto order = Order::read(request.body, parts_.settings.kafka_group);
    if (!order) {
        responder.send(http::Problem{
            .status = kBadRequest,
            .code = "invalid-request",
            .detail = "The body is not an order to redrive.",
            .errors = {std::move(order).error()},
            .headers = {}
        });
        return;
    }
    parts_.workers.read(std::move(responder), [this, order = *std::move(order)] { return redrive_now(order); });
}

Result<http::Response> DeadLetterEndpoints::count_now() {
    const std::string& group = parts_.settings.kafka_group;
    const auto reader = backlog(group);
    auto spans = redrive_of(group, *reader).waiting();
    if (!spans) return fail(std::move(spans).error());
    std::int64_t waiting = 0;
    json::Writer writer;
    writer.begin_object().field("group", group).key("deadLetters").begin_array();
    for (const auto& span : *spans) {
        waiting += span.end - span.next;
        writer.begin_object();
        writer.field("topic", span.partition.topic).field("partition", span.partition.partition);
        writer.field("total", span.end - span.first).field("waiting", span.end - span.next);
        writer.end_object();
    }
    writer.end_array().field("waiting", waiting).end_object();
    return json_answer(writer);
}

Result<http::Response> DeadLetterEndpoints::redrive_now(const Order& order) {
    const auto reader = backlog(order.group);
    auto outcome = redrive_of(order.group, *reader).run(order.choice, parts_.clock.now() + kRunTime);
    if (!outcome) return fail(std::move(outcome).error());
    log::info(
        "dead letters redriven",
        {{"group", order.group}, {"redriven", outcome->redriven}, {"waiting", outcome->waiting}}
    );
    json::Writer writer;
    writer.begin_object().field("group", order.group).field("redriven", outcome->redriven);
    writer.field("skipped", outcome->skipped).field("waiting", outcome->waiting).end_object();
    return json_answer(writer);
}

Result<void> DeadLetterEndpoints::publish(std::vector<kafka::OutgoingRecord> records) {
    std::vector<outbox::OutboxRow> rows;
    for (auto& record : records) rows.push_back({.id = parts_.ids.next(), .record = std::move(record)});
    auto session = parts_.pool.acquire();
    if (!session) return fail(std::move(session).error());
    auto transaction = mysql::Transaction::begin(**session);
    if (!transaction) return fail(std::move(transaction).error());
    auto stored = outbox::insert(transaction->session(), rows, parts_.relay.claim()).and_then([&] {
        return transaction->commit();
    });
    if (!stored) return stored;
    parts_.relay.hand_over(std::move(rows));
    return {};
}

std::unique_ptr<kafka::Backlog> DeadLetterEndpoints::backlog(const std::string& group) const {
    return kafka::make_backlog(
        {.bootstrap_servers = parts_.settings.kafka_bootstrap_servers,
         .client_id = parts_.settings.instance_id,
         .group = Redrive::progress_group(group),
         .extra = parts_.settings.kafka_security.properties()}
    );
}

Redrive DeadLetterEndpoints::redrive_of(const std::string& group, kafka::Backlog& backlog) {
    return Redrive(
        {.group = group, .topics = parts_.topics(), .suffix = parts_.settings.topics.dead_letter_suffix},
        backlog,
        [this](std::vector<kafka::OutgoingRecord> records) { return publish(std::move(records)); },
        parts_.clock
    );
}

}  // namespace platform::service
