#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What the demo's worker tells its parent, through a pipe, a line each: what it is about to do,
/// and that it was acknowledged. A line is shorter than what a pipe takes at once, so a kill never
/// leaves half of one between two others.
namespace amphora::demo {

enum class Kind : char {
    signup = 'S',    ///< name: the e-mail address; user: the id given (acknowledged only)
    take = 'T',      ///< user takes mission
    press = 'P',     ///< user pressed once more and was refused; acknowledged only
    complete = 'C',  ///< user completes mission; points: what it is worth
    feedback = 'F',  ///< name: the document's _id; user: whom it is about
};

struct Step {
    Kind kind = Kind::signup;
    bool acknowledged = false;  ///< otherwise: about to be tried
    std::string name = "-";
    std::int64_t user = 0;
    std::int64_t mission = 0;
    std::int64_t points = 0;
};

/// "A T - 17 4 0\n"
[[nodiscard]] std::string to_line(const Step& step);
/// Nothing for a line that is not whole.
[[nodiscard]] std::optional<Step> from_line(std::string_view line);

}  // namespace amphora::demo
