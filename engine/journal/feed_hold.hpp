#pragma once

#include "journal/commit_tags.hpp"

#include <amphora/types.hpp>

#include <cstdint>
#include <string>

/// What keeps commits in a journal that nothing else needs: cursors, and positions that are stored.
namespace amphora::journal {

/// Who holds, and what happens when there is no room for what is held.
struct HoldOptions {
    std::string name = "a reader of the journal";  ///< for messages
    std::string remedy = "let it read on, or close it";
    FeedFull when_full = FeedFull::hold;
    /// A cursor that waits for a commit has it synced at once, instead of at the interval.
    bool is_prompt = false;
    /// A cursor passes commits whose tags do not meet these, where the journal still knows them,
    /// without reading them.
    CommitTags wanted = CommitTags::all();
};

/// How far a hold is from the end of the durable commits.
struct FeedLag {
    std::string name, remedy;
    FeedFull when_full = FeedFull::hold;
    Sequence after{};           ///< it still needs all commits after this one
    std::uint64_t commits = 0;  ///< durable ones after it
    std::uint64_t bytes = 0;    ///< of the segments with these commits
    std::int64_t moved_ms = 0;  ///< when it last moved, by the steady clock
};

/// Keeps all commits after a stored position, from which somebody will read them later. Any thread.
/// The journal must outlive it. Its destructor recycles nothing: the position is still stored.
class PositionHold {
  public:
    PositionHold() = default;
    PositionHold(const PositionHold&) = delete;
    PositionHold& operator=(const PositionHold&) = delete;
    virtual ~PositionHold() = default;

    /// Keeps the commits after `after`, once the commit `stored_by`, which stores that position, is
    /// durable; until then the earlier position counts, because a power cut brings it back. Both
    /// only increase. `after` is durable.
    virtual void move(Sequence after, Sequence stored_by) = 0;
    /// Keeps nothing more.
    virtual void release() noexcept = 0;
};

}  // namespace amphora::journal
