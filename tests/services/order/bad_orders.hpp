#pragma once
#include <string>
#include <vector>

namespace platform::order {

/// A body that is not an order: the status and the field that the answer has to name.
struct BadOrder {
    std::string name;
    std::string body;
    std::string pointer;
    int status = 400;
};

/// The table of bad input; the domain and the running service are held to it.
inline std::vector<BadOrder> bad_orders() {
    const auto with = [](const std::string& product, const std::string& quantity, const std::string& price) {
        return R"({"productId":)" + product + R"(,"quantity":)" + quantity + R"(,"price":)" + price + "}";
    };
    const auto quantity = [&](const std::string& text) { return with("\"P-1001\"", text, "1.00"); };
    const auto price = [&](const std::string& text) { return with("\"P-1001\"", "1", text); };
    const auto product = [&](const std::string& text) { return with(text, "1", "1.00"); };
    const auto extra = [&](const std::string& member) {
        return R"({"productId":"P-1001","quantity":1,"price":1.00,)" + member + "}";
    };
    const auto nested = [](int levels) {
        std::string pointer;
        for (int i = 0; i < levels; ++i) pointer += "/0";
        return pointer;
    };
    return {
        {"empty", "", ""},
        {"not JSON", "order me something", ""},
        {"an array", "[]", ""},
        {"a string", "\"P-1001\"", ""},
        {"truncated", R"({"productId":"P-1001","quantity":1)", ""},
        {"something after it", price("1.00") + "x", ""},
        {"invalid UTF-8", product("\"P-\xFF\""), "/productId"},
        {"a lone surrogate", extra(R"("userId":"\ud800")"), "/userId"},
        {"depth 20000", std::string(20'000, '['), nested(32)},
        {"a deep unknown member", extra("\"x\":" + std::string(20'000, '[')), "/x" + nested(31)},
        {"a duplicate key", extra(R"("quantity":2)"), "/quantity"},
        {"an unknown field", extra(R"("color":"red")"), "/color"},
        {"a field in other case", extra(R"("ProductId":"P-1")"), "/ProductId"},
        {"a field that needs escaping", extra(R"("a/b~c":1)"), "/a~1b~0c"},
        {"no product", R"({"quantity":1,"price":1.00})", "/productId"},
        {"no quantity", R"({"productId":"P-1001","price":1.00})", "/quantity"},
        {"no price", R"({"productId":"P-1001","quantity":1})", "/price"},
        {"product a number", product("1001"), "/productId"},
        {"product null", product("null"), "/productId"},
        {"product empty", product("\"\""), "/productId"},
        {"product of 65 characters", product("\"" + std::string(65, 'P') + "\""), "/productId"},
        {"product of 1 kB", product("\"" + std::string(1024, 'P') + "\""), "/productId"},
        {"product with a control character", product(R"("P\u0000")"), "/productId"},
        {"product with a raw control character", product("\"P\n\""), "/productId"},
        {"product with a blank", product("\"P 1\""), "/productId"},
        {"quantity 0", quantity("0"), "/quantity"},
        {"quantity -1", quantity("-1"), "/quantity"},
        {"quantity 1000001", quantity("1000001"), "/quantity"},
        {"quantity 2^31", quantity("2147483648"), "/quantity"},
        {"quantity 2^64", quantity("18446744073709551616"), "/quantity"},
        {"quantity 1.5", quantity("1.5"), "/quantity"},
        {"quantity 1.0", quantity("1.0"), "/quantity"},
        {"quantity 1e0", quantity("1e0"), "/quantity"},
        {"quantity a string", quantity("\"1\""), "/quantity"},
        {"quantity true", quantity("true"), "/quantity"},
        {"quantity an array", quantity("[1]"), "/quantity"},
        {"price negative", price("-0.01"), "/price"},
        {"price NaN", price("NaN"), "/price"},
        {"price Infinity", price("Infinity"), "/price"},
        {"price 1e400", price("1e400"), "/price"},
        {"price 5 decimals", price("1.00001"), "/price"},
        {"price an object", price("{}"), "/price"},
        {"price null", price("null"), "/price"},
        {"price an empty string", price("\"\""), "/price"},
        {"price a word", price("\"free\""), "/price"},
        {"price with a comma", price("\"1,00\""), "/price"},
        {"price out of range", price("922337203685477.5808"), "/price"},
        {"user a number", extra("\"userId\":7"), "/userId"},
        {"user of 65 characters", extra("\"userId\":\"" + std::string(65, 'u') + "\""), "/userId"},
        {"user with a control character", extra(R"("userId":"a\u0007")"), "/userId"},
        {"currency in small letters", extra(R"("currency":"eur")"), "/currency"},
        {"currency null", extra("\"currency\":null"), "/currency"},
        {"amount out of range", with("\"P-1001\"", "1000000", "922337203685477.5807"), "/price", 422},
    };
}

}  // namespace platform::order
