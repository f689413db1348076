#include "shared/redis/token_bucket.hpp"

#include "shared/core/check.hpp"
#include "shared/redis/tls.hpp"

#include <hiredis/hiredis.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace platform::redis {
namespace {

/// Counts in millionths of a token: with a rate in tokens a second, each microsecond adds `rate` of them, so
/// nothing is rounded. Redis's own clock decides, so that gateways whose clocks differ share one bucket.
constexpr std::string_view kScript = R"(
local rate, capacity, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]) * 1000000, tonumber(ARGV[3]) * 1000000
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local tokens = tonumber(redis.call('GET', KEYS[1])) or capacity
local refilled = tonumber(redis.call('GET', KEYS[2])) or now
tokens = math.min(capacity, tokens + math.max(0, now - refilled) * rate)
local allowed = 0
if tokens >= wanted then
  allowed = 1
  tokens = tokens - wanted
end
local keep = math.max(1, math.ceil(capacity / 1000000 / rate * 2))
redis.call('SET', KEYS[1], string.format('%.0f', tokens), 'EX', keep)
redis.call('SET', KEYS[2], string.format('%.0f', math.max(now, refilled)), 'EX', keep)
local wait = 0
if tokens < wanted then wait = math.ceil((wanted - tokens) / rate) end
return {allowed, math.floor(tokens / 1000000), wait}
)";

struct FreeContext {
    void operator()(redisContext* context) const { redisFree(context); }
};
struct FreeReply {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Context = std::unique_ptr<redisContext, FreeContext>;
using Reply = std::unique_ptr<redisReply, FreeReply>;

timeval to_timeval(Duration duration) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    return {.tv_sec = micros / 1'000'000, .tv_usec = micros % 1'000'000};
}

Error error_of(const redisContext& context, int saved_errno) {
    const bool timed_out =
        context.err == REDIS_ERR_TIMEOUT ||
        (context.err == REDIS_ERR_IO && (saved_errno == EAGAIN || saved_errno == ETIMEDOUT));
    return {
        .kind = timed_out ? ErrorKind::Timeout : ErrorKind::Unavailable,
        .what = std::string("redis: ") + context.errstr,
        .outcome_unknown = false
    };
}

std::string_view text_of(const redisReply& reply) {
    return {reply.str, reply.len};
}

}  // namespace

struct TokenBucket::Impl {
    Options options;
    const Clock& clock;
    Context context{};
    std::string script_sha{};
    Instant closed_until{};

    /// Sends one command and waits for its answer. After an error the context is of no use and is dropped.
    template <std::size_t Count>
    Result<Reply> call(const std::array<std::string_view, Count>& words) {
        std::array<const char*, Count> texts{};
        std::array<std::size_t, Count> lengths{};
        for (std::size_t i = 0; i < Count; ++i) {
            texts[i] = words[i].data();
            lengths[i] = words[i].size();
        }
        errno = 0;
        Reply reply(static_cast<redisReply*>(
            redisCommandArgv(context.get(), static_cast<int>(Count), texts.data(), lengths.data())
        ));
        if (reply) return reply;
        return give_up(error_of(*context, errno));
    }

    std::unexpected<Error> give_up(Error error) {
        context.reset();
        closed_until = clock.now() + options.reconnect_pause;
        return fail(std::move(error));
    }

    std::unexpected<Error> refuse(const redisReply& reply) {
        return give_up({.kind = ErrorKind::Unavailable, .what = "redis: " + std::string(text_of(reply))});
    }

    Result<void> connect() {
        if (context) return {};
        if (clock.now() < closed_until)
            return fail(ErrorKind::Unavailable, "redis: waiting before the next try");
        errno = 0;
        context.reset(
            redisConnectWithTimeout(options.host.c_str(), options.port, to_timeval(options.connect_timeout))
        );
        CHECK(context != nullptr, "memory for a context is there");
        if (context->err != 0) return give_up(error_of(*context, errno));
        if (auto encrypted = encrypt(); !encrypted) return give_up(std::move(encrypted.error()));
        redisSetTimeout(context.get(), to_timeval(options.command_timeout));
        if (!options.password.empty()) {
            auto reply = call(std::array<std::string_view, 2>{"AUTH", options.password});
            if (!reply) return fail(std::move(reply.error()));
            if ((*reply)->type == REDIS_REPLY_ERROR) return refuse(**reply);
        }
        auto reply = call(std::array<std::string_view, 3>{"SCRIPT", "LOAD", kScript});
        if (!reply) return fail(std::move(reply.error()));
        if ((*reply)->type != REDIS_REPLY_STRING) return refuse(**reply);
        script_sha = text_of(**reply);
        return {};
    }

    Result<void> encrypt() const {
        if (options.tls_ca.empty()) return {};
        redisSetTimeout(context.get(), to_timeval(options.connect_timeout));
        return start_tls(
            *context, options.tls_ca, options.tls_server_name.empty() ? options.host : options.tls_server_name
        );
    }

    Result<Reply> run_script(const std::string& id, const Rate& rate) {
        const std::string prefix = "request_rate_limiter.{" + id + "}.";
        const std::string tokens = prefix + "tokens";
        const std::string timestamp = prefix + "timestamp";
        const std::string replenish = std::to_string(rate.replenish_per_second);
        const std::string burst = std::to_string(rate.burst);
        const std::string requested = std::to_string(rate.requested);
        std::array<std::string_view, 8> words{
            "EVALSHA", script_sha, "2", tokens, timestamp, replenish, burst, requested
        };
        auto reply = call(words);
        if (reply && (*reply)->type == REDIS_REPLY_ERROR && text_of(**reply).starts_with("NOSCRIPT")) {
            words[0] = "EVAL";  // a restart or SCRIPT FLUSH has emptied the cache; EVAL fills it again
            words[1] = kScript;
            reply = call(words);
        }
        return reply;
    }
};

TokenBucket::TokenBucket(Options options, const Clock& clock)
    : impl_(std::make_unique<Impl>(Impl{.options = std::move(options), .clock = clock})) {}

TokenBucket::~TokenBucket() = default;

Result<Verdict> TokenBucket::take(const std::string& id, const Rate& rate) {
    CHECK(rate.replenish_per_second > 0 && rate.burst > 0 && rate.requested > 0, "a rate is positive");
    const bool kept = impl_->context != nullptr;
    if (auto connected = impl_->connect(); !connected) return fail(std::move(connected.error()));
    auto answer = impl_->run_script(id, rate);
    if (!answer && kept && answer.error().kind == ErrorKind::Unavailable) {
        // A server that was started again has ended all connections. Whoever has one finds out by itself, and a pause for each of them would be long.
        impl_->closed_until = {};
        if (auto connected = impl_->connect(); !connected) return fail(std::move(connected.error()));
        answer = impl_->run_script(id, rate);
    }
    if (!answer) return fail(std::move(answer.error()));
    const redisReply& reply = **answer;
    if (reply.type == REDIS_REPLY_ERROR) return impl_->refuse(reply);
    if (reply.type != REDIS_REPLY_ARRAY || reply.elements != 3) {
        return impl_->give_up({.kind = ErrorKind::Unavailable, .what = "redis: an answer of another form"});
    }
    return Verdict{
        .allowed = reply.element[0]->integer == 1,
        .remaining = reply.element[1]->integer,
        .retry_after = std::chrono::microseconds(reply.element[2]->integer)
    };
}

}  // namespace platform::redis
