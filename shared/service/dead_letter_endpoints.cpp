#include "shared/service/dead_letter_endpoints.hpp"

#include "shared/core/json_writer.hpp"
#include "shared/http/problem.hpp"
#include "shared/mysql/session.hpp"
#include "shared/outbox/outbox.hpp"
#include "shared/telemetry/log.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace platform::service {
namespace {

constexpr Duration kRunTime = std::chrono::seconds(5);  // a stop of the process waits for it; the rest is for the next call

http::Response json_answer(json::Writer& writer) {
    return {
        .status = 200,
        .content_type = "application/json",
        .body = writer.take(),
        .headers = {{"Cache-Control", "no-store"}}
    };
}

}  // namespace

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
    auto wanted = read_redrive(request.body, parts_.settings.kafka_group);
    if (!wanted) {
        responder.send(http::Problem{
            .status = kBadRequest,
            .code = "invalid-request",
            .detail = "The body does not say what to redrive.",
            .errors = {std::move(wanted).error()},
            .headers = {}
        });
        return;
    }
    parts_.workers.read(std::move(responder), [this, wanted = *std::move(wanted)] { return redrive_now(wanted); });
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

Result<http::Response> DeadLetterEndpoints::redrive_now(const RedriveRequest& wanted) {
    const auto reader = backlog(wanted.group);
    auto outcome = redrive_of(wanted.group, *reader).run(wanted.choice, parts_.clock.now() + kRunTime);
    if (!outcome) return fail(std::move(outcome).error());
    log::info(
        "dead letters redriven",
        {{"group", wanted.group}, {"redriven", outcome->redriven}, {"waiting", outcome->waiting}}
    );
    json::Writer writer;
    writer.begin_object().field("group", wanted.group).field("redriven", outcome->redriven);
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
