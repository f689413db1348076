#include "shared/kafka/record_scope.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace platform::kafka {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string line_within(const Record& record) {
    testing::internal::CaptureStderr();
    {
        const RecordScope scope(record);
        log::error("within a record");
    }
    return testing::internal::GetCapturedStderr();
}

Record record_of(std::string key, Headers headers) {
    return {
        .topic = "order.events",
        .partition = 0,
        .offset = 0,
        .timestamp_millis = -1,
        .key = std::move(key),
        .value = {},
        .headers = std::move(headers),
    };
}

TEST(RecordScope, LinesNameWhatTheRecordBelongsTo) {
    const std::string line = line_within(record_of(
        "0190b5c2-7f3e-7000-8000-000000000001",
        {{"ce_correlationid", "c-1"}, {"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}}
    ));
    EXPECT_THAT(line, HasSubstr(R"("correlation_id":"c-1")"));
    EXPECT_THAT(line, HasSubstr(R"("traceId":"4bf92f3577b34da6a3ce929d0e0e4736")"));
    EXPECT_THAT(line, HasSubstr(R"("order_id":"0190b5c2-7f3e-7000-8000-000000000001")"));
}

TEST(RecordScope, WhatARecordDoesNotTellIsNotInTheLine) {
    for (const Record& record : {record_of("P-1001", {}), record_of(std::string(1000, 'k'), {{"ce_correlationid", std::string(1000, 'c')}})}) {
        const std::string line = line_within(record);
        EXPECT_THAT(line, HasSubstr("within a record"));
        EXPECT_THAT(line, Not(HasSubstr("correlation_id\":\"c")));
        EXPECT_THAT(line, Not(HasSubstr("order_id")));
        EXPECT_THAT(line, Not(HasSubstr("traceId")));
    }
}

}  // namespace
}  // namespace platform::kafka
