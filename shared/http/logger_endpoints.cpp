#include "shared/http/logger_endpoints.hpp"

#include "shared/core/json_writer.hpp"
#include "shared/http/actuator_bodies.hpp"
#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace platform::http {
namespace {

constexpr const char* kType = "application/vnd.spring-boot.actuator.v3+json";
constexpr std::string_view kRoot = "ROOT";

std::string_view name_of(log::Level level) {
    switch (level) {
        case log::Level::Debug: return "DEBUG";
        case log::Level::Info: return "INFO";
        case log::Level::Warn: return "WARN";
        case log::Level::Error: return "ERROR";
    }
    return "ERROR";
}

Response answer(json::Writer& writer) {
    return {.status = 200, .content_type = kType, .body = writer.take(), .headers = {{"Cache-Control", "no-store"}}};
}

void write_root(json::Writer& writer) {
    const std::string_view level = name_of(log::threshold());
    writer.begin_object().field("configuredLevel", level).field("effectiveLevel", level).end_object();
}

Response all_loggers() {
    json::Writer writer;
    writer.begin_object().key("levels").begin_array();
    for (const log::Level level : {log::Level::Error, log::Level::Warn, log::Level::Info, log::Level::Debug}) {
        writer.string(name_of(level));
    }
    writer.end_array().key("loggers").begin_object().key(kRoot);
    write_root(writer);
    writer.end_object().key("groups").begin_object().end_object().end_object();
    return answer(writer);
}

void refuse(Responder responder, int status, const char* code, const char* detail) {
    responder.send(Problem{.status = status, .code = code, .detail = detail, .errors = {}, .headers = {}});
}

bool known(const Request& request) {
    return request.params.at("name") == kRoot;
}

void refuse_unknown(Responder responder) {
    constexpr int kNotFound = 404;
    refuse(std::move(responder), kNotFound, "not-found", "There is one logger, ROOT.");
}

void read_one(const Request& request, Responder responder) {
    if (!known(request)) return refuse_unknown(std::move(responder));
    json::Writer writer;
    write_root(writer);
    responder.send(answer(writer));
}

void change(const Request& request, Responder responder, log::Level usual) {
    constexpr int kBadRequest = 400;
    constexpr int kNoContent = 204;
    if (!known(request)) return refuse_unknown(std::move(responder));
    const auto wanted = read_level(request.body, usual);
    if (!wanted) {
        return refuse(
            std::move(responder), kBadRequest, "invalid-request", "configuredLevel has to be DEBUG, INFO, WARN, ERROR or null."
        );
    }
    const log::Level before = log::threshold();
    log::set_threshold(std::min(before, *wanted));  // the change itself is told, whichever way it goes
    log::warn("the log level was set by hand", {{"from", name_of(before)}, {"to", name_of(*wanted)}});
    log::set_threshold(*wanted);
    responder.send(Response{.status = kNoContent, .content_type = {}, .body = {}, .headers = {}});
}

}  // namespace

void declare_logger_reads(Server& server) {
    server.route("GET", "/actuator/loggers", [](const Request&, Responder responder) { responder.send(all_loggers()); });
    server.route("GET", "/actuator/loggers/:name", read_one);
}

void declare_logger_writes(Server& management) {
    management.route("POST", "/actuator/loggers/:name", [usual = log::threshold()](const Request& request, Responder responder) {
        change(request, std::move(responder), usual);
    });
}

}  // namespace platform::http
