#include "operator/kube/watch_event.hpp"

#include "operator/api/fields.hpp"

namespace platform::kube {

using api::at;
using api::integer_at;
using api::text_at;

json::Limits object_limits() {
    return {.max_depth = 100, .max_bytes = std::size_t{32} * 1024 * 1024};
}

Result<WatchEvent> parse_watch_event(std::string_view line) {
    auto parsed = json::parse(line, object_limits());
    if (!parsed) return fail(ErrorKind::Invalid, "watch line is not JSON: " + parsed.error().message);
    const std::string type = text_at(*parsed, "type");
    const json::Value* object = at(*parsed, "object");
    if (type.empty() || !object) return fail(ErrorKind::Invalid, "watch line has no type or no object");

    WatchEvent event{.object = *object};
    if (type == "ERROR") {
        event.type = integer_at(*object, "code") == 410 ? WatchEvent::Type::Gone : WatchEvent::Type::Error;
        event.message = text_at(*object, "message");
        return event;
    }
    event.resource_version = text_at(*object, "metadata.resourceVersion");
    if (type == "ADDED") {
        event.type = WatchEvent::Type::Added;
    } else if (type == "MODIFIED") {
        event.type = WatchEvent::Type::Modified;
    } else if (type == "DELETED") {
        event.type = WatchEvent::Type::Deleted;
    } else if (type == "BOOKMARK") {
        event.type = WatchEvent::Type::Bookmark;
    } else {
        return fail(ErrorKind::Invalid, "watch line has the unknown type " + type);
    }
    if (event.resource_version.empty())
        return fail(ErrorKind::Invalid, "watch object has no resourceVersion");
    return event;
}

}  // namespace platform::kube
