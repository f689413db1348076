#pragma once
#include "shared/core/result.hpp"

#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace platform::notification {

/// What placeholders stand for, by name.
using Values = std::map<std::string, std::string, std::less<>>;

/// A text with placeholders in braces: "Order {orderId} is complete". "{{" and "}}" are braces themselves, "{newLine}" is a line break. Immutable.
class Template {
public:
    /// Error: Invalid for a placeholder that is not among `known` and for a brace that stands alone; `what` names it.
    [[nodiscard]] static Result<Template> parse(std::string_view text, std::span<const std::string_view> known);
    /// At most `longest` characters; what is longer is cut between two characters and ends with "…". A placeholder without a value is left out.
    [[nodiscard]] std::string render(const Values& values, std::size_t longest) const;

private:
    struct Part {
        std::string text;  ///< a literal, or the name of a placeholder
        bool placeholder = false;
    };
    void add_literal(char c);

    std::vector<Part> parts_;
};

/// The first `longest` characters of UTF-8 text; what is longer ends with "…", which counts too.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t longest);

/// What there is to know of one kind of message.
struct KindFacts {
    std::string_view name;                           ///< "order-completed"
    std::span<const std::string_view> placeholders;  ///< that its templates may use
    std::string_view subject;                        ///< unless it is set
    std::string_view body;
};
[[nodiscard]] std::span<const KindFacts> kinds();

struct KindTemplates {
    Template subject;
    Template body;
};
/// By the name of the kind, one of kinds().
using Templates = std::map<std::string, KindTemplates, std::less<>>;

/// The texts that stand when nothing is set.
[[nodiscard]] Templates usual_templates();

}  // namespace platform::notification
