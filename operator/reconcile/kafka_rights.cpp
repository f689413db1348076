#include "operator/reconcile/kafka_rights.hpp"

#include <array>
#include <set>
#include <span>
#include <string_view>

namespace platform::reconcile {
namespace {

/// What a service does with topics, as its app.cpp wires it.
struct Traffic {
    std::string_view service;
    std::string_view own;               ///< its events
    std::span<const std::string_view> main;   ///< read by its group
    std::span<const std::string_view> aside;  ///< read by a further group, too
    std::string_view aside_group;
};

constexpr std::array<std::string_view, 2> kLegs{"payment.events", "inventory.events"};
constexpr std::array<std::string_view, 1> kOrders{"order.events"};
constexpr std::array<std::string_view, 2> kTold{"payment.events", "order.events"};
constexpr std::array<std::string_view, 4> kAll{"order.events", "payment.events", "inventory.events", "notification.events"};

constexpr std::array kTraffic{
    Traffic{.service = "order", .own = "order.events", .main = kLegs, .aside = kAll, .aside_group = "order-timeline"},
    Traffic{.service = "payment", .own = "payment.events", .main = kOrders, .aside = {}, .aside_group = ""},
    Traffic{.service = "inventory", .own = "inventory.events", .main = kOrders, .aside = {}, .aside_group = ""},
    Traffic{.service = "notification", .own = "notification.events", .main = kTold, .aside = {}, .aside_group = ""},
};

std::string dead_letters(std::string_view topic) {
    return std::string(topic) + ".DLT";
}

/// A dead letter goes to the topic's dead letter topic; a redrive reads that one and puts the letter back into the topic it came from.
KafkaUserWanted user_of(const Traffic& traffic) {
    const std::string service(traffic.service);
    const std::string group = service + "-service";
    std::set<std::string> reads;
    std::set<std::string> writes{std::string(traffic.own)};
    for (const std::string_view topic : traffic.main) {
        reads.insert({std::string(topic), dead_letters(topic)});
        writes.insert({std::string(topic), dead_letters(topic)});
    }
    for (const std::string_view topic : traffic.aside) {
        reads.emplace(topic);
        writes.insert(dead_letters(topic));
    }
    KafkaUserWanted user{
        .name = service,
        .secret = service + "-kafka",
        .reads = {reads.begin(), reads.end()},
        .writes = {writes.begin(), writes.end()},
        .groups = {group, group + "-redrive"}
    };
    if (!traffic.aside_group.empty()) {
        user.groups.emplace_back(traffic.aside_group);
        user.groups.push_back(std::string(traffic.aside_group) + "-redrive");
    }
    return user;
}

}  // namespace

std::vector<KafkaUserWanted> kafka_users() {
    std::vector<KafkaUserWanted> users;
    for (const Traffic& traffic : kTraffic) users.push_back(user_of(traffic));
    return users;
}

}  // namespace platform::reconcile
