#include "demo_work/step.hpp"

#include <fmt/format.h>

#include <sstream>

namespace amphora::demo {

std::string to_line(const Step& step) {
    return fmt::format("{} {} {} {} {} {}\n", step.acknowledged ? 'A' : 'I',
                       static_cast<char>(step.kind), step.name, step.user, step.mission,
                       step.points);
}

std::optional<Step> from_line(std::string_view line) {
    std::istringstream words{std::string{line}};
    char mark = 0;
    char kind = 0;
    Step step;
    if (!(words >> mark >> kind >> step.name >> step.user >> step.mission >> step.points)) {
        return std::nullopt;
    }
    step.acknowledged = mark == 'A';
    step.kind = static_cast<Kind>(kind);
    return step;
}

}  // namespace amphora::demo
