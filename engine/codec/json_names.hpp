#pragma once

#include "base/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace amphora::codec {

/// The names of the objects that are open while JSON is read, to find one that occurs twice. Names
/// are places in the buffer that is being written, so that nothing is copied.
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

    /// Takes in a name that lies at `at` in `buffer`. False if it is one of the few first of its
    /// object and occurs for the second time.
    [[nodiscard]] bool add(Bytes buffer, std::size_t at, std::size_t size);

    /// Ends the object; the name that occurs twice in it, if `add` did not see one, or null. Valid
    /// until the next call.
    [[nodiscard]] const Name* end_object(Bytes buffer);

  private:
    struct Object {
        std::size_t first;   // of its names
        std::uint64_t seen;  // a bit for each digest: a bit not set is a name not there
    };

    // So many names of an object are compared one by one; with more, they are sorted at its end, so
    // that an object with a million names costs no square of it.
    static constexpr std::size_t compared_max = 24;

    std::vector<Name> names_;
    std::vector<Object> objects_;  // those that are open
    Name twice_{};
};

}  // namespace amphora::codec
