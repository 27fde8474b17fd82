#pragma once

#include <amphora/error.hpp>

#include <string>

namespace amphora::journal {

/// The owner of a journal has changed it, so that it cannot be followed from where its reader is:
/// segments were recycled, or a new opening cut frames that were read. Nothing wrong was given. The
/// reader begins again: with the trees, and then with the journal.
///
/// Its code is `feed_gap`, which it is for a cursor.
class Overtaken final : public Error {
  public:
    explicit Overtaken(const std::string& what) : Error{ErrorCode::feed_gap, what} {}
};

}  // namespace amphora::journal
