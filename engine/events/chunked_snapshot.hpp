#pragma once

#include "events/commit_change.hpp"
#include "events/feed_place.hpp"
#include "events/sources.hpp"
#include "transaction/reading.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace amphora::events {

/// Reads rows and documents in chunks, each as of a later commit, as changes of the kind `read`. So
/// a long walk pins no snapshot for long, and can be taken up after a restart.
///
/// Chunk i is read as of commit S(i). Between chunks, the changes in (S(i), S(i+1)] are fed for the
/// keys that are read already; those of other keys are dropped, because chunk i+1 and later ones
/// read their state. So every key comes once, followed by each of its later changes. The method is
/// that of DBLog's watermarks (https://arxiv.org/abs/2010.12597), with snapshots in place of the
/// watermarks.
///
/// One table or collection can be read again by itself, by a reader that has its rows already. Then
/// all changes are fed, also those of keys that come later: a row that is erased before its chunk is
/// never read, and neither is one that a condition does not select any more, so the change itself
/// must tell. What is read still comes in order: chunk i after all changes up to S(i), and before
/// all later ones.
class ChunkedSnapshot {
  public:
    /// Returns both trees as of a durable commit.
    using TakeSnapshot = std::function<std::shared_ptr<const transaction::Reading>()>;

    /// `spaces` are ascending, and not empty. `sources` must outlive it. Begins after `place`; none:
    /// with the first key.
    ChunkedSnapshot(const Sources& sources, std::vector<SpaceId> spaces, TakeSnapshot take,
                    const std::optional<SnapshotPlace>& place);
    /// Reads `space` again, after `key`; see SnapshotPlace.
    ChunkedSnapshot(const Sources& sources, SpaceId space, TakeSnapshot take, Bytes key);

    /// Takes the snapshot of the next chunk, and returns its commit. All changes up to it must be
    /// fed before `next` is called.
    [[nodiscard]] Sequence begin_chunk();
    /// Gives a chunk up that was begun. The next one begins after the last key that was read.
    void abandon_chunk() noexcept;
    /// The next row or document of the chunk, valid until the next call; null at its end. Throws
    /// `corrupt`, `snapshot_expired`.
    [[nodiscard]] const CommitChange* next();
    /// Whether everything is read.
    [[nodiscard]] bool is_done() const noexcept { return at_ == spaces_.size(); }

    /// Whether changes of this row or document are to be fed: its key is read, or its space is not
    /// among those that are, or is read again.
    [[nodiscard]] bool feeds(Bytes key) const noexcept;
    [[nodiscard]] SnapshotPlace place() const;

  private:
    [[nodiscard]] Sources::Source source_at(std::size_t space) const noexcept;
    void open_space();
    void enter(std::size_t space);

    const Sources& sources_;
    const std::vector<SpaceId> spaces_;
    const TakeSnapshot take_;
    const bool is_again_;
    std::size_t at_ = 0;  ///< in `spaces_`
    Buffer last_;         ///< the last key that is read, or the number of the space that comes next
    std::shared_ptr<const transaction::Reading> snapshot_;  ///< of the chunk; null: between chunks
    std::unique_ptr<transaction::Cursor> cursor_;
    std::size_t left_ = 0;  ///< of the chunk
    CommitChange change_;
};

}  // namespace amphora::events
