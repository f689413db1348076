#include "shared/kafka/admin.hpp"

#include "shared/kafka/admin_client.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <format>
#include <span>
#include <string_view>
#include <utility>

namespace platform::kafka {
namespace {

struct FreeTopicNames {
    void operator()(rd_kafka_TopicCollection_t* topics) const { rd_kafka_TopicCollection_destroy(topics); }
};
struct FreeNewTopic {
    void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
};
struct FreeNewPartitions {
    void operator()(rd_kafka_NewPartitions_t* partitions) const {
        rd_kafka_NewPartitions_destroy(partitions);
    }
};
struct FreeDeleteTopic {
    void operator()(rd_kafka_DeleteTopic_t* topic) const { rd_kafka_DeleteTopic_destroy(topic); }
};
struct FreeResource {
    void operator()(rd_kafka_ConfigResource_t* resource) const { rd_kafka_ConfigResource_destroy(resource); }
};
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, FreeNewTopic>;
using Resource = std::unique_ptr<rd_kafka_ConfigResource_t, FreeResource>;

/// The first failure of a row of results, but for `allowed`.
Result<void> all_well(
    std::span<const rd_kafka_topic_result_t* const> results,
    rd_kafka_resp_err_t allowed,
    std::string_view doing
) {
    for (const auto* result : results) {
        const auto code = rd_kafka_topic_result_error(result);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == allowed) continue;
        const char* detail = rd_kafka_topic_result_error_string(result);
        const std::string what = std::format("{} {}", doing, rd_kafka_topic_result_name(result));
        return fail(native::to_error(code, what, detail == nullptr ? "" : detail));
    }
    return {};
}

}  // namespace

struct Admin::Impl {
    Impl(
        const std::string& bootstrap_servers,
        const std::map<std::string, std::string>& extra,
        Duration timeout
    )
        : client(bootstrap_servers, extra, timeout) {}

    Result<std::vector<TopicState>> describe_topics(const std::vector<std::string>& names) const;
    Result<void> read_config(TopicState& topic, const std::vector<std::string>& keys) const;

    const native::AdminClient client;
};

Result<std::vector<TopicState>> Admin::Impl::describe_topics(const std::vector<std::string>& names) const {
    std::vector<const char*> texts;
    texts.reserve(names.size());
    for (const std::string& name : names) texts.push_back(name.c_str());
    const std::unique_ptr<rd_kafka_TopicCollection_t, FreeTopicNames> topics{
        rd_kafka_TopicCollection_of_topic_names(texts.data(), texts.size())
    };
    const auto event =
        client.call(RD_KAFKA_ADMIN_OP_DESCRIBETOPICS, "describe topics", [&](auto* handle, auto* options, auto* queue) {
            rd_kafka_DescribeTopics(handle, topics.get(), options, queue);
        });
    if (!event) return fail(event.error());

    std::size_t count = 0;
    const auto* const* found =
        rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event->get()), &count);
    std::vector<TopicState> states;
    for (const auto* topic : std::span{found, count}) {
        const rd_kafka_error_t* error = rd_kafka_TopicDescription_error(topic);
        const auto code = error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error);
        if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) continue;  // the only answer that means "absent"
        const char* name = rd_kafka_TopicDescription_name(topic);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return fail(
                native::to_error(code, std::format("describe topic {}", name), rd_kafka_error_string(error))
            );
        }
        std::size_t partitions = 0;
        static_cast<void>(rd_kafka_TopicDescription_partitions(topic, &partitions));
        states.push_back({.name = name, .partitions = static_cast<std::int32_t>(partitions), .config = {}});
    }
    return states;
}

Result<void> Admin::Impl::read_config(TopicState& topic, const std::vector<std::string>& keys) const {
    const Resource resource{rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.name.c_str())};
    const std::string doing = std::format("read the configuration of topic {}", topic.name);
    const auto event = client.call(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, doing, [&](auto* handle, auto* options, auto* queue) {
        rd_kafka_ConfigResource_t* asked = resource.get();
        rd_kafka_DescribeConfigs(handle, &asked, 1, options, queue);
    });
    if (!event) return fail(event.error());
    std::size_t count = 0;
    const auto* const* resources = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(event->get()), &count
    );
    if (count != 1) return fail(ErrorKind::Unavailable, doing + ": no answer about it");
    if (const auto code = rd_kafka_ConfigResource_error(*resources); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char* detail = rd_kafka_ConfigResource_error_string(*resources);
        return fail(native::to_error(code, doing, detail == nullptr ? "" : detail));
    }
    const auto* const* entries = rd_kafka_ConfigResource_configs(*resources, &count);
    for (const auto* entry : std::span{entries, count}) {
        const char* value = rd_kafka_ConfigEntry_value(entry);
        const std::string_view name = rd_kafka_ConfigEntry_name(entry);
        if (value != nullptr && std::ranges::find(keys, name) != keys.end())
            topic.config.emplace(name, value);
    }
    return {};
}

Admin::Admin(
    const std::string& bootstrap_servers,
    const std::map<std::string, std::string>& extra,
    Duration timeout
)
    : impl_(std::make_unique<Impl>(bootstrap_servers, extra, timeout)) {}

Admin::~Admin() = default;

Result<std::vector<TopicState>>
Admin::describe(const std::vector<std::string>& names, const std::vector<std::string>& config_keys) {
    if (names.empty()) return std::vector<TopicState>{};
    auto states = impl_->describe_topics(names);
    if (!states || config_keys.empty()) return states;
    for (TopicState& state : *states) {
        if (auto read = impl_->read_config(state, config_keys); !read) return fail(std::move(read).error());
    }
    return states;
}

Result<void> Admin::create(const std::vector<TopicSpec>& topics) {
    if (topics.empty()) return {};
    std::array<char, native::kErrorText> text{};
    std::vector<NewTopic> wanted;
    for (const TopicSpec& spec : topics) {
        NewTopic topic{rd_kafka_NewTopic_new(
            spec.name.c_str(), spec.partitions, spec.replication_factor, text.data(), text.size()
        )};
        if (!topic)
            return fail(ErrorKind::Invalid, std::format("create topic {}: {}", spec.name, text.data()));
        for (const auto& [name, value] : spec.config) {
            const auto code = rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
            if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
                return fail(native::to_error(code, "create topic " + spec.name));
        }
        wanted.push_back(std::move(topic));
    }
    const auto event =
        impl_->client.call(RD_KAFKA_ADMIN_OP_CREATETOPICS, "create topics", [&](auto* handle, auto* options, auto* queue) {
            rd_kafka_CreateTopics(
                handle, native::borrowed(wanted).data(), wanted.size(), options, queue
            );
        });
    if (!event) return fail(event.error());
    std::size_t count = 0;
    const auto** results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event->get()), &count);
    return all_well({results, count}, RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, "create topic");
}

Result<void> Admin::grow_partitions(const std::string& topic, std::int32_t partitions) {
    if (partitions < 1) return fail(ErrorKind::Invalid, "a topic has at least one partition");
    std::array<char, native::kErrorText> text{};
    const std::unique_ptr<rd_kafka_NewPartitions_t, FreeNewPartitions> wanted{rd_kafka_NewPartitions_new(
        topic.c_str(), static_cast<std::size_t>(partitions), text.data(), text.size()
    )};
    if (!wanted) return fail(ErrorKind::Invalid, std::format("grow topic {}: {}", topic, text.data()));
    const auto event =
        impl_->client.call(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, "grow topic", [&](auto* handle, auto* options, auto* queue) {
            rd_kafka_NewPartitions_t* asked = wanted.get();
            rd_kafka_CreatePartitions(handle, &asked, 1, options, queue);
        });
    if (!event) return fail(event.error());
    std::size_t count = 0;
    const auto** results =
        rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event->get()), &count);
    auto grown = all_well({results, count}, RD_KAFKA_RESP_ERR_NO_ERROR, "grow topic");
    if (grown || grown.error().kind != ErrorKind::Invalid) return grown;
    // A repeat of a call that had gone through is refused, since the topic has that many partitions already.
    const auto now = impl_->describe_topics({topic});
    if (now && now->size() == 1 && now->front().partitions == partitions) return {};
    return grown;
}

Result<void> Admin::set_config(const std::string& topic, const std::map<std::string, std::string>& config) {
    if (config.empty()) return {};
    const std::string doing = std::format("configure topic {}", topic);
    const Resource resource{rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str())};
    for (const auto& [name, value] : config) {
        const native::LibraryError error{
            rd_kafka_ConfigResource_add_incremental_config(
                resource.get(), name.c_str(), RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET, value.c_str()
            )
        };
        if (error)
            return fail(
                native::to_error(rd_kafka_error_code(error.get()), doing, rd_kafka_error_string(error.get()))
            );
    }
    const auto event =
        impl_->client.call(RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS, doing, [&](auto* handle, auto* options, auto* queue) {
            rd_kafka_ConfigResource_t* asked = resource.get();
            rd_kafka_IncrementalAlterConfigs(handle, &asked, 1, options, queue);
        });
    if (!event) return fail(event.error());
    std::size_t count = 0;
    const auto** results = rd_kafka_IncrementalAlterConfigs_result_resources(
        rd_kafka_event_IncrementalAlterConfigs_result(event->get()), &count
    );
    for (const auto* result : std::span{results, count}) {
        const auto code = rd_kafka_ConfigResource_error(result);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
        const char* detail = rd_kafka_ConfigResource_error_string(result);
        return fail(native::to_error(code, doing, detail == nullptr ? "" : detail));
    }
    return {};
}

Result<void> Admin::remove(const std::vector<std::string>& names) {
    if (names.empty()) return {};
    std::vector<std::unique_ptr<rd_kafka_DeleteTopic_t, FreeDeleteTopic>> wanted;
    for (const std::string& name : names) wanted.emplace_back(rd_kafka_DeleteTopic_new(name.c_str()));
    const auto event =
        impl_->client.call(RD_KAFKA_ADMIN_OP_DELETETOPICS, "remove topics", [&](auto* handle, auto* options, auto* queue) {
            rd_kafka_DeleteTopics(
                handle, native::borrowed(wanted).data(), wanted.size(), options, queue
            );
        });
    if (!event) return fail(event.error());
    std::size_t count = 0;
    const auto** results =
        rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event->get()), &count);
    return all_well({results, count}, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "remove topic");
}

}  // namespace platform::kafka
