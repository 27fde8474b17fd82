#pragma once

#include "base/clock.hpp"

#include <amphora/types.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

/// A victim's messages to its judge: through its standard output, a line in one write.
namespace amphora::crash {

inline void say(std::string line) {
    line += '\n';
    // Less than PIPE_BUF, so it is written in one piece.
    if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        std::_Exit(5);
    }
}

/// The database is not what it should be.
[[noreturn]] inline void give_up(std::string what) {
    for (char& letter : what) {
        if (letter == '\n') letter = ' ';
    }
    say("x " + what.substr(0, 1000));
    std::_Exit(3);
}

/// A victim's message about a transaction that has returned, before that thread begins another.
/// `Promises::heard` reads it.
///
///   s 2 17 4711 5 1790000000000000   synced (w: written, b: buffered): thread 2 has done 17;
///                                    commit 4711, epoch 5; returned by that time, in microseconds
[[nodiscard]] inline std::string commit_line(Durability durability, std::uint32_t thread,
                                             std::uint64_t done, const Commit& commit) {
    const char letter = durability == Durability::synced    ? 's'
                        : durability == Durability::written ? 'w'
                                                            : 'b';
    return fmt::format("{} {} {} {} {} {}", letter, thread, done,
                       static_cast<std::uint64_t>(commit.sequence),
                       static_cast<std::uint64_t>(commit.epoch), now_us());
}

/// What a line of the log says of a consumer that was skipped.
[[nodiscard]] inline std::optional<std::string> fate_of_consumer(const std::string& line) {
    const auto has = [&](const char* words) { return line.find(words) != std::string::npos; };
    if (has("consumer ") && has(" loses its place after commit")) return "skipped";
    if (has("consumer ") && has(" starts again: ")) return "restarted";
    return std::nullopt;
}

}  // namespace amphora::crash
