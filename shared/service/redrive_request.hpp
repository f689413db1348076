#pragma once
#include "shared/http/problem.hpp"
#include "shared/service/redrive.hpp"

#include <expected>
#include <string>
#include <string_view>

namespace platform::service {

/// What the body of POST /actuator/deadletters/redrive asks for.
struct RedriveRequest {
    std::string group;  ///< whose dead letters
    Redrive::Choice choice;
};

/// Reads {"group","topic","partition","key","limit"}, all optional; an empty body asks for all that `usual_group` has. A fault is a 400. Never throws.
[[nodiscard]] std::expected<RedriveRequest, http::FieldFault> read_redrive(std::string_view body, const std::string& usual_group);

}  // namespace platform::service
