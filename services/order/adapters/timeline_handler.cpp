#include "services/order/adapters/timeline_handler.hpp"

#include "services/order/adapters/timeline_record.hpp"
#include "shared/telemetry/log.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace platform::order {

TimelineHandler::TimelineHandler(TimelineStore& store, metrics::Registry& registry)
    : store_(store),
      written_(registry.counter("order_timeline_records_total", "Records written to timelines")),
      skipped_(registry.counter("order_timeline_skipped_total", "Records that tell of no order")) {}

Result<void> TimelineHandler::apply(std::span<const kafka::Record> batch) {
    constexpr std::size_t kEntries = 1000;  // unpacked at a time
    std::vector<std::pair<OrderId, const kafka::Record*>> of_orders;
    of_orders.reserve(batch.size());
    for (const kafka::Record& record : batch) {
        if (const auto order_id = trimmed_order_id(record)) of_orders.emplace_back(*order_id, &record);
    }
    std::ranges::stable_sort(of_orders, {}, &std::pair<OrderId, const kafka::Record*>::first);
    std::vector<TimelineEntry> entries;
    for (std::size_t at = 0; at < of_orders.size(); ++at) {
        entries.push_back(trimmed_entry(*of_orders[at].second));
        const bool last = at + 1 == of_orders.size();
        if (!last && (entries.size() < kEntries || of_orders[at + 1].first == of_orders[at].first)) continue;
        if (auto done = store_.add(entries); !done) return done;
        entries.clear();
    }
    written_.add(static_cast<double>(of_orders.size()));
    skipped_.add(static_cast<double>(batch.size() - of_orders.size()));
    return {};
}

Result<void> TimelineHandler::dead_letter(const kafka::Record& record, const Error& why) {
    // Nothing is lost but a line of a timeline: the record itself is dealt with by the services that need it.
    log::error(
        "a record is missing from its order's timeline",
        {{"topic", record.topic}, {"partition", record.partition}, {"offset", record.offset}, {"why", why.what}}
    );
    return {};
}

}  // namespace platform::order
