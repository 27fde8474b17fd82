#pragma once

#include "workload/step.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

/// The witness's messages: one line each on the standard output.
namespace amphora::corruption {

inline void say(std::string line) {
    for (char& letter : line) {
        if (letter == '\n') letter = ' ';
    }
    fmt::print("{}\n", line.substr(0, 1500));
    std::fflush(stdout);
}

/// Tells what came of each question.
class Telling {
  public:
    template <class Ask>
    void ask(Ask question) {
        try {
            question();
        } catch (const workload::Disagreement& error) {
            tell("wrong", error.what());
        } catch (const Error& error) {
            tell("named", fmt::format("({}) {}", error.code_name(), error.what()));
        } catch (const std::exception& error) {
            tell("wrong", error.what());
        }
    }
    /// One damaged page affects hundreds of rows, so only a few messages of each kind are written.
    void tell(std::string_view kind, const std::string& what) {
        faultless_ = false;
        if (++told_ <= 20 || kind == "wrong") say(fmt::format("{} {}", kind, what));
    }
    [[nodiscard]] bool faultless() const noexcept { return faultless_; }

  private:
    bool faultless_ = true;
    std::uint64_t told_ = 0;
};

}  // namespace amphora::corruption
