#include "shared/otlp/otlp_settings.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace platform::otlp {
namespace {

using namespace std::chrono_literals;

Settings settings_of(std::map<std::string, std::string> environment) {
    const auto source = config::Source::of(std::move(environment));
    config::Reader reader(source);
    Settings settings = read_settings(reader);
    reader.finish();
    return settings;
}

TEST(OtlpSettings, AreOffByDefault) {
    const Settings settings = settings_of({});
    EXPECT_EQ(settings.url, "");
    EXPECT_FALSE(settings.json);
    EXPECT_EQ(settings.ratio, 1);
    EXPECT_EQ(settings.max_queue, 2048U);
    EXPECT_EQ(settings.timeout, 3s);
    EXPECT_EQ(settings.send_pause, 5s);
}

TEST(OtlpSettings, TheEndpointIsABaseAndTheOneOfTracesAWholeUrl) {
    EXPECT_EQ(settings_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318"}}).url, "http://collector:4318/v1/traces");
    EXPECT_EQ(settings_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://c/otlp/"}}).url, "https://c/otlp/v1/traces");
    EXPECT_EQ(settings_of({{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:1/t"}}).url, "http://c:1/t");
    EXPECT_EQ(
        settings_of({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://a"}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://b/t"}}).url, "http://b/t"
    );
}

TEST(OtlpSettings, AreTaken) {
    const Settings settings = settings_of({
        {"OTEL_TRACES_SAMPLER_ARG", "0.1"},
        {"OTEL_EXPORTER_OTLP_TIMEOUT", "500"},
        {"OTEL_BSP_MAX_QUEUE_SIZE", "64"},
        {"OTEL_BSP_SCHEDULE_DELAY", "200"},
        {"OTEL_EXPORTER_OTLP_HEADERS", "x-token=abc=,x-other=1"},
        {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"},
    });
    EXPECT_EQ(settings.headers, (std::vector<std::pair<std::string, std::string>>{{"x-token", "abc="}, {"x-other", "1"}}));
    EXPECT_TRUE(settings.json);
    EXPECT_EQ(settings.ratio, 0.1);
    EXPECT_EQ(settings.timeout, 500ms);
    EXPECT_EQ(settings.max_queue, 64U);
    EXPECT_EQ(settings.send_pause, 200ms);
}

TEST(OtlpSettings, WhatCannotWorkIsRefused) {
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
             {"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"},
             {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "grpc://c:4317"},
             {"OTEL_TRACES_SAMPLER_ARG", "1.5"},
             {"OTEL_TRACES_SAMPLER_ARG", "ten"},
             {"OTEL_BSP_MAX_QUEUE_SIZE", "0"},
             {"OTEL_EXPORTER_OTLP_HEADERS", "token"},
             {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
             {"OTEL_EXPORTER_OTLP_HEADERS", "=abc"},
         }) {
        EXPECT_THROW(static_cast<void>(settings_of({{name, value}})), config::SettingError) << name;
    }
}

}  // namespace
}  // namespace platform::otlp
