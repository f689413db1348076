#include "services/notification/domain/message.hpp"

#include "shared/core/check.hpp"

#include <format>
#include <utility>

namespace platform::notification {
namespace {

// What the store keeps, in characters.
constexpr std::size_t kLongestSubject = 255;
constexpr std::size_t kLongestBody = 2000;

std::vector<std::string> channels_of(const Preference* preference, const Channel& channel) {
    if (preference != nullptr && preference->opt_out) return {std::string(kNobody)};
    std::vector<std::string> names;
    if (preference != nullptr) {
        for (const auto& name : preference->channels) {
            if (name == kLog || name == channel.name) names.push_back(name);
        }
    }
    if (names.empty()) names.push_back(channel.name);
    return names;
}

std::string recipient_of(const Notice& notice, const Preference* preference, const Channel& channel) {
    if (preference != nullptr && !preference->email.empty()) return preference->email;
    if (channel.recipient.empty() || is_plain_address(notice.user_id)) return notice.user_id;
    return channel.recipient;
}

}  // namespace

Way way_of(std::string_view channel) {
    if (channel == kLog) return Way::WithCommit;
    if (channel == kNobody) return Way::Never;
    return Way::Queued;
}

std::vector<Message> compose(
    const Notice& notice, const Preference* preference, const Templates& templates, const Channel& channel
) {
    const auto texts = templates.find(notice.kind);
    CHECK(texts != templates.end(), "each kind has its templates");
    Values values = notice.values;
    values.emplace("userId", notice.user_id);
    Message message;
    message.order_id = notice.order_id;
    message.kind = notice.kind;
    message.user_id = notice.user_id;
    message.recipient = recipient_of(notice, preference, channel);
    message.subject = texts->second.subject.render(values, kLongestSubject);
    message.body = texts->second.body.render(values, kLongestBody);
    message.correlation_id = notice.correlation_id;
    message.traceparent = notice.traceparent;
    std::vector<Message> messages;
    for (auto& name : channels_of(preference, channel)) {
        message.message_id = std::format("{}.{}.{}@{}", notice.order_id.text(), notice.kind, name, channel.domain);
        message.channel = std::move(name);
        messages.push_back(message);
    }
    return messages;
}

}  // namespace platform::notification
