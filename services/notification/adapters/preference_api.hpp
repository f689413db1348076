#pragma once
#include "services/notification/domain/preference.hpp"
#include "shared/service/readers.hpp"
#include "shared/service/service_runtime.hpp"

namespace platform::notification {

/// PUT and GET /api/notifications/preferences/{userId}, on the management port; the public port answers 403.
class PreferenceApi {
public:
    PreferenceApi(PreferenceStore& store, service::Runtime& runtime);

private:
    void show(const http::Request& request, http::Responder responder);
    void keep(const http::Request& request, http::Responder responder);

    PreferenceStore& store_;
    service::Readers readers_;
};

}  // namespace platform::notification
