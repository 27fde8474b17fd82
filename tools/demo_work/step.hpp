#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The worker's messages to its parent, through a pipe, one a line: the step that it is about to
/// do, and that it was acknowledged. A line is shorter than a pipe's atomic write, so a kill never
/// leaves half a line between two others.
namespace amphora::demo {

enum class Kind : char {
    signup = 'S',    ///< name: the e-mail address; user: the id given (acknowledged only)
    take = 'T',      ///< the user takes the mission
    press = 'P',     ///< the user pressed again and was refused; only acknowledged
    complete = 'C',  ///< the user completes the mission; points: its value
    feedback = 'F',  ///< name: the document's _id; user: the subject
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
/// None for an incomplete line.
[[nodiscard]] std::optional<Step> from_line(std::string_view line);

}  // namespace amphora::demo
