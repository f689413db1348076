#include "shared/kafka/admin_client.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <format>
#include <utility>

namespace platform::kafka::native {
namespace {

struct FreeOptions {
    void operator()(rd_kafka_AdminOptions_t* options) const { rd_kafka_AdminOptions_destroy(options); }
};
using Options = std::unique_ptr<rd_kafka_AdminOptions_t, FreeOptions>;

Client open(
    const std::string& bootstrap_servers,
    const std::map<std::string, std::string>& extra,
    Observer& observer
) {
    Config config{merged(bootstrap_servers, "orderplatform-admin", {}, extra), observer};
    return config.open(Role::Producer);
}

/// The broker answers these once the change is done, and can be told how long it may wait for that.
bool waits_for_the_change(rd_kafka_admin_op_t operation) {
    return operation == RD_KAFKA_ADMIN_OP_CREATETOPICS || operation == RD_KAFKA_ADMIN_OP_DELETETOPICS ||
           operation == RD_KAFKA_ADMIN_OP_CREATEPARTITIONS;
}

}  // namespace

AdminClient::AdminClient(
    const std::string& bootstrap_servers,
    const std::map<std::string, std::string>& extra,
    Duration timeout
)
    : timeout_(timeout), client_(open(bootstrap_servers, extra, *this)) {}

Result<Event> AdminClient::call(int operation, std::string_view doing, const Start& start) const {
    std::array<char, kErrorText> text{};
    const auto kind = static_cast<rd_kafka_admin_op_t>(operation);
    const Options options{rd_kafka_AdminOptions_new(client_.get(), kind)};
    const int millis = to_millis(timeout_);
    rd_kafka_AdminOptions_set_request_timeout(options.get(), millis, text.data(), text.size());
    if (waits_for_the_change(kind)) {
        // A little before we stop waiting.
        rd_kafka_AdminOptions_set_operation_timeout(options.get(), millis - (millis / 4), text.data(), text.size());
    }
    const Queue queue{rd_kafka_queue_new(client_.get())};
    forget_troubles(false);
    start(client_.get(), options.get(), queue.get());
    constexpr int kGrace = 500;  // the library reports its own timeout first
    constexpr int kSlice = 100;
    Event event;
    for (int waited = 0; !event && waited < millis + kGrace; waited += kSlice) {
        event.reset(rd_kafka_queue_poll(queue.get(), kSlice));
        rd_kafka_poll(client_.get(), 0);  // calls trouble()
        if (auto known = event ? std::nullopt : known_reason(doing, true)) return fail(*std::move(known));
    }
    if (!event) {
        if (auto known = known_reason(doing, false)) return fail(*std::move(known));
        return fail(ErrorKind::Timeout, std::format("{}: no answer in time", doing));
    }
    if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        Error error = to_error(code, doing, rd_kafka_event_error_string(event.get()));
        // librdkafka 2.8 frees what it does not own when a broker (not the library itself) refuses these two.
        const bool frees_wrongly = kind == RD_KAFKA_ADMIN_OP_DESCRIBEACLS || kind == RD_KAFKA_ADMIN_OP_DESCRIBEUSERSCRAMCREDENTIALS;
        if (frees_wrongly && code > 0) static_cast<void>(event.release());
        auto known = retryable(error.kind) ? known_reason(doing, false) : std::nullopt;
        return fail(known ? *std::move(known) : std::move(error));
    }
    forget_troubles(true);
    return event;
}

/// Only what will not pass by itself: brokers that are away are tried again.
void AdminClient::trouble(int code, const char* text) {
    if (code != RD_KAFKA_RESP_ERR__AUTHENTICATION && code != RD_KAFKA_RESP_ERR__SSL) return;
    const std::scoped_lock lock{mutex_};
    last_ = to_error(code, "kafka", text);
    fresh_ = true;
}

std::optional<Error> AdminClient::known_reason(std::string_view doing, bool soon) const {
    const std::scoped_lock lock{mutex_};
    if (!last_ || (soon && !fresh_)) return std::nullopt;
    Error error = *last_;
    error.what = std::format("{}: {}", doing, error.what);
    return error;
}

/// The client tells the same trouble again only after half a minute, so it is remembered until a call succeeds.
void AdminClient::forget_troubles(bool all) const {
    const std::scoped_lock lock{mutex_};
    fresh_ = false;
    if (all) last_.reset();
}

}  // namespace platform::kafka::native
