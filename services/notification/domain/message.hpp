#pragma once
#include "services/notification/domain/notice.hpp"
#include "services/notification/domain/preference.hpp"
#include "services/notification/domain/template.hpp"
#include "shared/core/uuid.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace platform::notification {

/// Channels. A message by `kNobody` stands for a customer who wants none: kept, so that a replay after a change of mind tells nothing.
inline constexpr std::string_view kLog = "log";
inline constexpr std::string_view kEmail = "email";
inline constexpr std::string_view kNobody = "none";

/// One notification: what one customer is told about one step of one order, by one channel. (order_id, kind, channel) names it; it is sent for each such name once.
struct Message {
    OrderId order_id;
    std::string kind;        ///< "order-completed", "payment-failed", ...
    std::string channel;     ///< kLog, kEmail or kNobody
    std::string message_id;  ///< stable, so that a sink can recognise a repeat (RFC 5322 msg-id without angle brackets)
    std::string user_id;     ///< empty when the customer is not known
    std::string recipient;   ///< e-mail address, or the user id for the log
    std::string subject;
    std::string body;
    std::string correlation_id;
    std::string traceparent;  ///< not stored: a message that was read back has none
    int attempts = 0;
};

/// How a message leaves.
enum class Way : std::uint8_t {
    Queued,      ///< stored as pending, sent by the Sender, marked afterwards
    WithCommit,  ///< sent while it is stored: the channel cannot fail and costs nothing
    Never,
};
[[nodiscard]] Way way_of(std::string_view channel);

struct Channel {
    std::string name{kLog};  ///< of customers who chose none; kEmail = there is a mail server
    std::string recipient;   ///< for customers without an address; empty = the user id, whatever it is
    std::string domain = "orderplatform.local";  ///< right side of message ids
};

/// The messages of a notice to a customer with this preference (null = none is known): one a channel, at least one. An address comes from the
/// preference, else the user id is taken if it is one, else Channel::recipient. Whatever the notice holds, they fit the store. Pure.
[[nodiscard]] std::vector<Message> compose(
    const Notice& notice, const Preference* preference, const Templates& templates, const Channel& channel
);

}  // namespace platform::notification
