#include "services/order/config.hpp"

#include "shared/events/events.hpp"

namespace platform::order {
namespace {

using namespace std::chrono_literals;

void read_accepting(config::Reader& reader, Config& config) {
    config.queue.limit = static_cast<std::size_t>(reader.integer(
        {.name = "ACCEPT_QUEUE_LIMIT",
         .meaning = "Orders that wait to be stored at most; more are refused with 503.",
         .fallback = "2000",
         .unit = "orders"},
        1,
        1'000'000
    ));
    config.queue.max_age = reader.duration(
        {.name = "ACCEPT_QUEUE_AGE",
         .meaning = "Age of the oldest waiting order from which new ones are refused with 503.",
         .fallback = "2s",
         .unit = "ms"},
        10ms,
        60s
    );
    config.committers = static_cast<std::size_t>(reader.integer(
        {.name = "COMMITTERS", .meaning = "Threads that store orders.", .fallback = "2", .unit = "threads"},
        1,
        32
    ));
    config.committer.batch = static_cast<std::size_t>(reader.integer(
        {.name = "COMMIT_BATCH",
         .meaning = "Orders in one transaction at most.",
         .fallback = "128",
         .unit = "orders"},
        1,
        1000
    ));
    config.key_retention = reader.duration(
        {.name = "IDEMPOTENCY_RETENTION",
         .meaning = "How long an Idempotency-Key is remembered.",
         .fallback = "24h",
         .unit = "ms"},
        1min,
        24h * 366
    );
}

void read_sweeping(config::Reader& reader, Config& config) {
    config.sweeper.stuck_after = reader.duration(
        {.name = "ORDER_STUCK_AFTER",
         .meaning = "Time without progress after which an order is announced again; doubles with every try.",
         .fallback = "30s",
         .unit = "ms"},
        100ms,
        1h
    );
    config.sweeper.deadline = reader.duration(
        {.name = "ORDER_DEADLINE",
         .meaning = "Time after which an unfinished order is cancelled, counted from the broker's receipt.",
         .fallback = "15m",
         .unit = "ms"},
        1s,
        24h * 30
    );
    config.sweeper.interval = reader.duration(
        {.name = "ORDER_SWEEP_INTERVAL",
         .meaning = "Pause between two looks for stuck orders.",
         .fallback = "5s",
         .unit = "ms"},
        50ms,
        10min
    );
}

void read_waiting(config::Reader& reader, Config& config) {
    config.waits.limit = static_cast<std::size_t>(reader.integer(
        {.name = "ORDER_WAITS",
         .meaning = "Callers that may wait for the end of an order at a time; more are answered at once.",
         .fallback = "1000",
         .unit = "callers"},
        0,
        100'000
    ));
    config.waits.longest = reader.duration(
        {.name = "ORDER_WAIT_LIMIT",
         .meaning = "Longest wait of one caller, whatever it asks for; keep it under the timeout of the gateway's route.",
         .fallback = "4s",
         .unit = "ms"},
        1ms,
        25s
    );
    config.waits.reread = reader.duration(
        {.name = "ORDER_WAIT_REREAD",
         .meaning = "Pause between two looks at an order that is waited for; finds what another replica has changed.",
         .fallback = "500ms",
         .unit = "ms"},
        10ms,
        10s
    );
}

void read_timeline(config::Reader& reader, Config& config) {
    config.timeline.on = reader.flag(
        {.name = "TIMELINE",
         .meaning = "Write down what the topics say of every order, for GET /api/orders/{id}/events.",
         .fallback = "true"}
    );
    config.timeline.group = reader.text(
        {.name = "TIMELINE_GROUP",
         .meaning = "Consumer group that reads all topics for the timelines.",
         .fallback = "order-timeline"}
    );
    config.timeline.pace = reader.duration(
        {.name = "TIMELINE_PACE",
         .meaning = "How long records are gathered for the timelines at most, while they keep coming: the longer, the fewer rows are written.",
         .fallback = "4s",
         .unit = "ms"},
        0ms,
        30s
    );
    config.timeline.retention = reader.duration(
        {.name = "TIMELINE_RETENTION",
         .meaning = "How long the timeline of an order is kept.",
         .fallback = "168h",
         .unit = "ms"},
        1min,
        24h * 3660
    );
}

void read_pricing(config::Reader& reader, Config& config) {
    config.pricing.verify = reader.choice(
                                {.name = "PRICING_MODE",
                                 .meaning = "Whose prices hold: the client's, or the catalogue's (verify), from which no order may differ.",
                                 .fallback = "client"},
                                {"client", "verify"}
                            ) == "verify";
    config.pricing.refresh = reader.duration(
        {.name = "PRICING_REFRESH",
         .meaning = "Pause between two looks for prices that another replica has read; only with PRICING_MODE=verify.",
         .fallback = "1s",
         .unit = "ms"},
        50ms,
        1h
    );
}

}  // namespace

Config read_config(config::Reader& reader) {
    Config config;
    config.default_currency = reader.text(
        {.name = "DEFAULT_CURRENCY",
         .meaning = "Currency of an order that names none (ISO 4217).",
         .fallback = std::string(events::kDefaultCurrency)}
    );
    if (!events::valid_currency(config.default_currency)) {
        throw config::SettingError("DEFAULT_CURRENCY: expected three upper-case letters");
    }
    read_accepting(reader, config);
    read_sweeping(reader, config);
    read_waiting(reader, config);
    read_timeline(reader, config);
    read_pricing(reader, config);
    return config;
}

}  // namespace platform::order
