#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

/// The conversion of a schema's names to names of C++.
namespace amphora::schemagen {

/// "user_missions" → "UserMission": the singular of the last word, in PascalCase.
[[nodiscard]] std::string struct_name(std::string_view table);

/// "phone_num" → "PhoneNum".
[[nodiscard]] std::string pascal_case(std::string_view name);

/// "CHALLENGING" → "challenging", "IN PROGRESS" → "in_progress".
[[nodiscard]] std::string enumerator_name(std::string_view member);

/// The name unchanged, as far as C++ allows it: "phone_num" → "phone_num", "odd name" → "odd_name".
[[nodiscard]] std::string identifier(std::string_view name);

/// "regions" → "region", "inquiries" → "inquiry", "feedback" → "feedback". By rules and a short
/// list, which do not cover all of English.
[[nodiscard]] std::string singular(std::string_view word);

/// Whether a text is a namespace's name: "mission", "app::mission".
[[nodiscard]] bool is_namespace(std::string_view name);

/// The names of one scope. Each name is given once, and never a keyword. A name that is a keyword
/// or was given gets an underscore at its end, further ones also a number: a, a_, a_2, a_3.
class Scope {
  public:
    explicit Scope(std::set<std::string> taken = {}) : taken_{std::move(taken)} {}
    /// `name`: from a function above, without an underscore at its ends.
    [[nodiscard]] std::string take(std::string name);

  private:
    std::set<std::string> taken_;
};

}  // namespace amphora::schemagen
