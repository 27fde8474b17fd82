#pragma once

#include "base/file.hpp"
#include "base/ids.hpp"
#include "journal/journal.hpp"
#include "journal/journal_cursor.hpp"

#include <cstdint>
#include <string>

namespace amphora::journal {

/// Makes the journal of a new timeline with commits of the one that it continues, so that feeds and
/// consumers find what they have not read. `commits` is at `beginning.prior`, and gives at least the
/// commits up to `last`. They keep their epoch, sequence and time; only their place in the chain of
/// frames is new. Returns the mark of `last` in this chain. `directory` exists and holds nothing
/// else; when this returns, everything in it is on stable storage. The segments have at most
/// `segment_bytes`, except for one of a larger commit.
[[nodiscard]] Mark create_with_commits(FileSystem& files, const std::string& directory,
                                       const Identity& identity, const Beginning& beginning,
                                       JournalCursor& commits, Sequence last,
                                       std::uint64_t segment_bytes);

}  // namespace amphora::journal
