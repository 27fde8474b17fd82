#pragma once

#include "power/image.hpp"

#include <compare>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace amphora::power {

/// A file or a directory, under any name; the first is the watched directory.
enum class Node : std::uint32_t { watched = 0, none = std::numeric_limits<std::uint32_t>::max() };

/// A name in a directory.
struct WrittenRange {
    Node directory = Node::none;
    std::string name;
    auto operator<=>(const WrittenRange&) const = default;
    [[nodiscard]] bool is_none() const { return directory == Node::none; }
};
using Names = std::map<WrittenRange, Node>;

/// A moment of a recorded run: the number of records written.
using Moment = std::uint64_t;
inline constexpr Moment never = std::numeric_limits<Moment>::max();

enum class Action : std::uint8_t { write, resize, clear, sync, name };

/// One thing that a process did to its files.
struct Event {
    Action action{};
    Moment begun = 0;
    Moment returned = never;
    Node node = Node::none;           ///< that changes, is synced, or gets a name
    std::uint64_t offset = 0;         ///< of a write or clear; of a resize the new size
    std::uint64_t length = 0;         ///< of a clear
    std::string_view bytes = {};      ///< of a write
    bool is_synced = false;           ///< a write that is on the disk when it returns (O_DSYNC)
    WrittenRange from = {}, to = {};  ///< of a name: what it leaves and what it takes, if anything
};

/// A line that the process printed; its reader may rely on it from then on.
struct Said {
    Moment moment = 0;
    std::string line;
};

/// Everything that a process did below the watched directory, from its contents at the beginning.
struct Recording {
    std::string log;                       ///< what the events look into
    std::vector<Image::Content> contents;  ///< by node, at the beginning; none for a directory
    Names names;                           ///< at the beginning
    std::vector<Event> events;             ///< in the order in which they began
    std::vector<Said> said;
    std::set<Node> mapped;              ///< files that memory can change: nothing is known of them
    std::vector<std::string> offences;  ///< what cannot be replayed
    Moment end = 0;

    [[nodiscard]] static Recording read(std::string log, const std::string& watched,
                                        const Image& before);
};

}  // namespace amphora::power
