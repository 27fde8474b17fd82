#include "soak/worker_plan.hpp"

#include <stdexcept>

namespace amphora::soak {

std::vector<std::string> WorkerPlan::words() const {
    return {std::to_string(seed), std::to_string(writers), std::to_string(readers),
            std::to_string(pulse_ms), profile == Profile::edge ? "edge" : "desktop"};
}

WorkerPlan WorkerPlan::from(const std::vector<std::string>& words) {
    if (words.size() != 5) {
        throw std::invalid_argument{"SEED WRITERS READERS PULSE-MS edge|desktop"};
    }
    const auto number = [&](std::size_t at) {
        return static_cast<std::uint32_t>(std::stoul(words[at]));
    };
    return {.seed = std::stoull(words[0]),
            .writers = number(1),
            .readers = number(2),
            .pulse_ms = number(3),
            .profile = words[4] == "edge" ? Profile::edge : Profile::desktop};
}

}  // namespace amphora::soak
