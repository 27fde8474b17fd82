#include "workload/step.hpp"

#include <fmt/format.h>

namespace amphora::workload {

std::string Step::own(const char* word, std::int64_t number) const {
    return fmt::format("{}-{}-{}", word, model.thread, number);
}

void Step::require(bool agrees, const std::string& what) const {
    if (agrees) return;
    throw Disagreement{
        fmt::format("thread {}, transaction {}: {}", model.thread, model.done, what)};
}

}  // namespace amphora::workload
