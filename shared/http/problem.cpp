#include "shared/http/problem.hpp"

#include "shared/core/json_writer.hpp"

namespace platform::http {

Response to_response(const Problem& problem, std::string_view correlation_id) {
    json::Writer writer;
    writer.begin_object();
    writer.field("type", "about:blank");
    writer.field("title", reason_phrase(problem.status));
    writer.field("status", problem.status);
    if (!problem.detail.empty()) writer.field("detail", problem.detail);
    if (!problem.code.empty()) writer.field("code", problem.code);
    writer.field("correlationId", correlation_id);
    if (!problem.errors.empty()) {
        writer.key("errors").begin_array();
        for (const FieldFault& fault : problem.errors) {
            writer.begin_object();
            writer.field("pointer", fault.pointer);
            writer.field("message", fault.message);
            writer.end_object();
        }
        writer.end_array();
    }
    writer.end_object();
    return Response{
        .status = problem.status,
        .content_type = "application/problem+json",
        .body = writer.take(),
        .headers = problem.headers,
    };
}

Problem to_problem(const Error& error) {
    switch (error.kind) {
        case ErrorKind::Invalid:
            return {.status = 400, .code = "invalid", .detail = "The request is not valid.", .errors = {}, .headers = {}};
        case ErrorKind::Denied:
            return {.status = 403, .code = "denied", .detail = "This is not allowed.", .errors = {}, .headers = {}};
        case ErrorKind::NotFound:
            return {.status = 404, .code = "not-found", .detail = "There is no such resource.", .errors = {}, .headers = {}};
        case ErrorKind::Conflict:
            return {
                .status = 409,
                .code = "conflict",
                .detail = "The resource is in a state that does not allow this.",
                .errors = {},
                .headers = {},
            };
        case ErrorKind::Unavailable:
            return {
                .status = 503,
                .code = "unavailable",
                .detail = "The service cannot answer now; try again later.",
                .errors = {},
                .headers = {{"Retry-After", "1"}},
            };
        case ErrorKind::Timeout:
            return {
                .status = 504,
                .code = "timeout",
                .detail = "The answer did not come in time; the outcome may be unknown.",
                .errors = {},
                .headers = {},
            };
        case ErrorKind::Internal: break;
    }
    return {.status = 500, .code = "internal", .detail = "Something failed on our side.", .errors = {}, .headers = {}};
}

}  // namespace platform::http
