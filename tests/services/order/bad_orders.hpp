#pragma once
#include <string>
#include <utility>
#include <vector>

namespace platform::order {

/// A body that is not an order: the status and the field that the answer has to name.
struct BadOrder {
    std::string name;
    std::string body;
    std::string pointer;
    int status = 400;
};

/// The reference order with these texts in place of its values.
inline std::string
order_with(const std::string& product, const std::string& quantity, const std::string& price) {
    return R"({"productId":)" + product + R"(,"quantity":)" + quantity + R"(,"price":)" + price + "}";
}
inline std::string with_quantity(const std::string& text) {
    return order_with("\"P-1001\"", text, "1.00");
}
inline std::string with_price(const std::string& text) {
    return order_with("\"P-1001\"", "1", text);
}
inline std::string with_product(const std::string& text) {
    return order_with(text, "1", "1.00");
}
inline std::string with_more(const std::string& member) {
    return R"({"productId":"P-1001","quantity":1,"price":1.00,)" + member + "}";
}

inline std::string with_items(const std::string& items) {
    return R"({"items":)" + items + "}";
}
inline std::string line_of(const std::string& product) {
    return R"({"productId":")" + product + R"(","quantity":1,"price":1})";
}

inline std::vector<BadOrder> bad_documents() {
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
        {"something after it", with_price("1.00") + "x", ""},
        {"invalid UTF-8", with_product("\"P-\xFF\""), "/productId"},
        {"a lone surrogate", with_more(R"("userId":"\ud800")"), "/userId"},
        {"depth 20000", std::string(20'000, '['), nested(32)},
        {"a deep unknown member", with_more("\"x\":" + std::string(20'000, '[')), "/x" + nested(31)},
        {"a duplicate key", with_more(R"("quantity":2)"), "/quantity"},
        {"an unknown field", with_more(R"("color":"red")"), "/color"},
        {"a field in other case", with_more(R"("ProductId":"P-1")"), "/ProductId"},
        {"a field that needs escaping", with_more(R"("a/b~c":1)"), "/a~1b~0c"},
    };
}

inline std::vector<BadOrder> bad_fields() {
    return {
        {"no product", R"({"quantity":1,"price":1.00})", "/productId"},
        {"no quantity", R"({"productId":"P-1001","price":1.00})", "/quantity"},
        {"no price", R"({"productId":"P-1001","quantity":1})", "/price"},
        {"product a number", with_product("1001"), "/productId"},
        {"product null", with_product("null"), "/productId"},
        {"product empty", with_product("\"\""), "/productId"},
        {"product of 65 characters", with_product("\"" + std::string(65, 'P') + "\""), "/productId"},
        {"product of 1 kB", with_product("\"" + std::string(1024, 'P') + "\""), "/productId"},
        {"product with a control character", with_product(R"("P\u0000")"), "/productId"},
        {"product with a raw control character", with_product("\"P\n\""), "/productId"},
        {"product with a blank", with_product("\"P 1\""), "/productId"},
        {"quantity 0", with_quantity("0"), "/quantity"},
        {"quantity -1", with_quantity("-1"), "/quantity"},
        {"quantity 1000001", with_quantity("1000001"), "/quantity"},
        {"quantity 2^31", with_quantity("2147483648"), "/quantity"},
        {"quantity 2^64", with_quantity("18446744073709551616"), "/quantity"},
        {"quantity 1.5", with_quantity("1.5"), "/quantity"},
        {"quantity 1.0", with_quantity("1.0"), "/quantity"},
        {"quantity 1e0", with_quantity("1e0"), "/quantity"},
        {"quantity a string", with_quantity("\"1\""), "/quantity"},
        {"quantity true", with_quantity("true"), "/quantity"},
        {"quantity an array", with_quantity("[1]"), "/quantity"},
        {"price negative", with_price("-0.01"), "/price"},
        {"price NaN", with_price("NaN"), "/price"},
        {"price Infinity", with_price("Infinity"), "/price"},
        {"price 1e400", with_price("1e400"), "/price"},
        {"price 5 decimals", with_price("1.00001"), "/price"},
        {"price an object", with_price("{}"), "/price"},
        {"price null", with_price("null"), "/price"},
        {"price an empty string", with_price("\"\""), "/price"},
        {"price a word", with_price("\"free\""), "/price"},
        {"price with a comma", with_price("\"1,00\""), "/price"},
        {"price out of range", with_price("922337203685477.5808"), "/price"},
        {"user a number", with_more("\"userId\":7"), "/userId"},
        {"user of 65 characters", with_more("\"userId\":\"" + std::string(65, 'u') + "\""), "/userId"},
        {"user with a control character", with_more(R"("userId":"a\u0007")"), "/userId"},
        {"currency in small letters", with_more(R"("currency":"eur")"), "/currency"},
        {"currency null", with_more("\"currency\":null"), "/currency"},
        {"amount out of range", order_with("\"P-1001\"", "1000000", "922337203685477.5807"), "/price", 422},
    };
}

inline std::vector<BadOrder> bad_items() {
    std::string many = line_of("P-0");
    for (int i = 1; i <= 20; ++i) many += "," + line_of("P-" + std::to_string(i));
    const std::string dear = R"("quantity":1000000,"price":922337203.6854},)";
    return {
        {"no lines", with_items("[]"), "/items"},
        {"21 lines", with_items("[" + many + "]"), "/items"},
        {"items an object", with_items("{}"), "/items"},
        {"items null", with_items("null"), "/items"},
        {"a line that is no object", with_items("[" + line_of("P-1") + ",7]"), "/items/1"},
        {"a line without a quantity", with_items(R"([{"productId":"P-1","price":1}])"), "/items/0/quantity"},
        {"a line with a field of its own", with_items(R"([{"productId":"P-1","quantity":1,"price":1,"a/b":1}])"), "/items/0/a~1b"},
        {"a product twice", with_items("[" + line_of("P-1") + "," + line_of("P-2") + "," + line_of("P-1") + "]"), "/items/2/productId"},
        {"both forms", R"({"productId":"P-1","items":[)" + line_of("P-2") + "]}", "/productId"},
        {"a sum out of range",
         with_items(R"([{"productId":"P-1",)" + dear + R"({"productId":"P-2",)" + dear + line_of("P-3") + "]"),
         "/items",
         422},
    };
}

/// The table of bad input; the domain and the running service are held to it.
inline std::vector<BadOrder> bad_orders() {
    std::vector<BadOrder> all = bad_documents();
    for (BadOrder& bad : bad_fields()) all.push_back(std::move(bad));
    for (BadOrder& bad : bad_items()) all.push_back(std::move(bad));
    return all;
}

}  // namespace platform::order
