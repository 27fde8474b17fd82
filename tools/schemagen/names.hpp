#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

/// From the names of a schema to names of C++.
namespace amphora::schemagen {

/// "user_missions" → "UserMission": the singular of the last word, in PascalCase.
[[nodiscard]] std::string struct_name(std::string_view table);

/// "phone_num" → "PhoneNum".
[[nodiscard]] std::string pascal_case(std::string_view name);

/// "CHALLENGING" → "challenging", "IN PROGRESS" → "in_progress".
[[nodiscard]] std::string enumerator_name(std::string_view member);

/// A name that is kept as it is, as far as C++ allows it: "phone_num" → "phone_num", "odd name" →
/// "odd_name".
[[nodiscard]] std::string identifier(std::string_view name);

/// "regions" → "region", "inquiries" → "inquiry", "feedback" → "feedback". By rules and a short
/// list; English has more.
[[nodiscard]] std::string singular(std::string_view word);

/// Whether a text is a namespace's name: "mission", "app::mission".
[[nodiscard]] bool is_namespace(std::string_view name);

/// The names of one scope. Each is given once, and never a keyword: a second one, like a keyword,
/// gets an underscore behind it, further ones a number as well: a, a_, a_2, a_3.
class Scope {
  public:
    explicit Scope(std::set<std::string> taken = {}) : taken_{std::move(taken)} {}
    /// `name`: as the functions above make it, without an underscore at its ends.
    [[nodiscard]] std::string take(std::string name);

  private:
    std::set<std::string> taken_;
};

}  // namespace amphora::schemagen
