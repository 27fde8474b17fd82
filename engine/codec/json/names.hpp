#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace amphora::codec {

/// The names of the objects that are open while JSON is read, to find a name that occurs twice. A
/// name is an offset in the buffer that is being written; nothing is copied.
class JsonNames {
  public:
    struct Name {
        std::uint64_t digest;  // length, beginning and end: enough to tell most names apart
        std::size_t at;
        std::size_t size;
    };

    void clear() noexcept {
        names_.clear();
        objects_.clear();
    }
    void begin_object() { objects_.push_back(Object{names_.size(), 0}); }

    /// Adds the name at `at` in `buffer`. False if the object has it already; this is only found
    /// among the first `compared_max` names of an object.
    [[nodiscard]] bool add(Bytes buffer, std::size_t at, std::size_t size);

    /// Ends the object. Returns a name that occurs twice in it and that `add` did not find, or
    /// null. Valid until the next call.
    [[nodiscard]] const Name* end_object(Bytes buffer);

  private:
    struct Object {
        std::size_t first;  // of its names
        // One bit for each digest. If its bit is not set, a name is new.
        std::uint64_t seen;
    };

    // So many names of an object are compared one by one. If there are more, they are sorted at its
    // end, so a million names cost no million squared comparisons.
    static constexpr std::size_t compared_max = 24;

    std::vector<Name> names_;
    std::vector<Object> objects_;  // those that are open
    Name twice_{};
};

}  // namespace amphora::codec
