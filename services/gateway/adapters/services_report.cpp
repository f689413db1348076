#include "services/gateway/adapters/services_report.hpp"

#include "shared/core/json_writer.hpp"
#include "shared/core/time_text.hpp"

namespace platform::gateway {
namespace {

const char* up_or_down(bool up) {
    return up ? "UP" : "DOWN";
}

const char* to_string(Endpoints::Status status) {
    switch (status) {
        case Endpoints::Status::Unknown:
            return "UNKNOWN";
        case Endpoints::Status::Up:
            return "UP";
        case Endpoints::Status::Down:
            return "DOWN";
    }
    return "UNKNOWN";
}

void write(json::Writer& out, const Endpoints& service) {
    out.begin_object().field("name", service.service()).field("status", up_or_down(service.up()));
    out.key("pods").begin_array();
    for (const auto& pod : service.pods()) {
        out.begin_object().field("address", pod.address.text()).field("status", to_string(pod.status));
        out.field("ejected", pod.ejected);
        if (pod.probed_at) out.field("probedAt", to_rfc3339(*pod.probed_at));
        out.end_object();
    }
    out.end_array().end_object();
}

void write(json::Writer& out, const GroupLag& consumer) {
    out.begin_object().field("group", consumer.group).field("service", consumer.service).field("lag", consumer.records());
    out.key("partitions").begin_array();
    for (const PartitionLag& one : consumer.partitions) {
        out.begin_object().field("topic", one.topic).field("partition", one.partition).field("lag", one.records).end_object();
    }
    out.end_array().end_object();
}

}  // namespace

std::string services_report(
    const std::string& instance,
    bool ready,
    std::span<const Endpoints* const> services,
    std::span<const GroupLag> consumers
) {
    bool all_up = ready;
    json::Writer list;
    list.begin_array();
    list.begin_object().field("name", "gateway").field("status", up_or_down(ready)).key("pods").begin_array();
    list.begin_object()
        .field("address", instance)
        .field("status", up_or_down(ready))
        .field("ejected", false)
        .end_object();
    list.end_array().end_object();
    for (const Endpoints* service : services) {
        all_up = all_up && service->up();
        write(list, *service);
    }
    list.end_array();
    json::Writer out;
    out.begin_object().field("status", up_or_down(all_up)).key("services").raw(list.text());
    out.key("consumers").begin_array();
    for (const GroupLag& consumer : consumers) write(out, consumer);
    out.end_array().end_object();
    return out.take();
}

}  // namespace platform::gateway
