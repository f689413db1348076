#pragma once
#include "operator/kube/transport.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace platform::test {

/// Objects by path behind the transport's port. POST to a path that holds an object answers it when the path
/// names a subresource (".../token"), and stores a new one otherwise; PATCH is remembered and answers the
/// object.
class FakeObjects final : public kube::HttpTransport {
public:
    void put(const std::string& path, const std::string& object) { objects_[path] = object; }
    void take_away(const std::string& path) { objects_.erase(path); }
    void fail_with(int status) { failure_ = status; }
    void work_again() { failure_.reset(); }
    [[nodiscard]] bool holds(const std::string& path) const { return objects_.contains(path); }
    [[nodiscard]] int creations(const std::string& end_of_path) const {
        int count = 0;
        for (const auto& request : requests)
            count += request.method == "POST" && request.target.ends_with(end_of_path) ? 1 : 0;
        return count;
    }

    Result<kube::Response> send(const kube::Request& request) override {
        requests.push_back(request);
        if (failure_) return kube::Response{.status = *failure_, .body = R"({"message":"as told"})"};
        const std::string path = request.target.substr(0, request.target.find('?'));
        const auto found = objects_.find(path);
        if (request.method == "POST" && found != objects_.end() && !path.ends_with("token"))
            return kube::Response{.status = 409, .body = "{}"};
        if (request.method == "POST" && found == objects_.end()) {
            if (path.ends_with("token")) return kube::Response{.status = 404, .body = "{}"};
            return kube::Response{.status = 201, .body = request.body};
        }
        if (found == objects_.end())
            return kube::Response{.status = 404, .body = R"({"message":"not found"})"};
        const std::string body = found->second;
        if (request.method == "DELETE") objects_.erase(found);
        return kube::Response{.status = 200, .body = body};
    }
    Result<kube::StreamEnd>
    stream(const kube::Request&, const std::function<bool(std::string&&)>&, const std::stop_token&) override {
        return kube::StreamEnd{.status = 200};
    }

    std::vector<kube::Request> requests;

private:
    std::map<std::string, std::string> objects_;
    std::optional<int> failure_;
};

}  // namespace platform::test
