#include "crash/promises.hpp"

#include <fmt/format.h>

#include <sstream>

namespace amphora::crash {

void Promises::heard(const std::string& line) {
    std::istringstream words{line};
    std::string word;
    std::uint32_t thread = 0;
    std::uint64_t count = 0;
    words >> word;
    if (word == "x") {
        complaints_.push_back("the victim: " + line.substr(2));
        ++torn_;
    } else if (word == "ready") {
        for (std::uint32_t working = 0; working < working_; ++working) {
            threads_[working].on_its_way = true;
        }
    } else if (words >> thread >> count && thread < threads_max) {
        if (word == "at") found(thread, count);
        if (word == "a" || word == "r") threads_[thread].returned = count;
        if (word == "a") {
            acknowledged_ += count - threads_[thread].promised;
            threads_[thread].promised = count;
        }
    }
}

void Promises::found(std::uint32_t thread, std::uint64_t there) {
    Thread& its = threads_[thread];
    const std::uint64_t most = its.returned + (its.on_its_way ? 1u : 0u);
    if (there < its.promised) {
        complaints_.push_back(
            fmt::format("thread {}: {} transactions were acknowledged, {} are "
                        "there",
                        thread, its.promised, there));
        lost_ += its.promised - there;
    } else if (there > most) {
        complaints_.push_back(fmt::format("thread {}: at most {} transactions can be there, {} are",
                                          thread, most, there));
        duplicated_ += there - most;
    }
    its = {.promised = there, .returned = there, .on_its_way = false};
}

}  // namespace amphora::crash
