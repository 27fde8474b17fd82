#pragma once

#include "base/ids.hpp"

#include <amphora/error.hpp>

#include <array>
#include <cstdint>

namespace amphora::outbox {

/// What the outbox takes from one transaction, decided before its turn, for each tree.
///
/// Accepted work is never thrown away, so growth is bounded where it is accepted:
///
///   what has reached its bound           documents               relational
///   journal, held up by the documents    puts: documents_stalled  (continues)
///     at half of its bound
///   journal at its bound                 puts: outbox_full        puts: outbox_full
///   journal at its bound and reserve     everything: outbox_full  everything: outbox_full
///   kept for feeds, at its bound         puts: feed_full          puts: feed_full
///   this, and the journal at its bound   everything: feed_full    everything: feed_full
///     and reserve in addition
///   the tree's own pending memory        puts: documents_stalled  puts: outbox_full
///   room on the disk or in the map       puts: disk_full          puts: disk_full
///
/// Removals may use a reserve beyond each bound, because a full database is emptied by removals.
enum class Admits : std::uint8_t { everything, removals, nothing };

/// Whether the bound of what is kept for feeds counts for a writer. It is `ignored` for the commits
/// that move a consumer on or drop it, because they make room.
enum class FeedBound : std::uint8_t { counts, ignored };

struct TreeAdmission {
    Admits admits = Admits::everything;
    ErrorCode code = ErrorCode::outbox_full;  ///< the error for what is not admitted
};

struct Admission {
    std::array<TreeAdmission, trees_count> trees;
    [[nodiscard]] bool is_free() const noexcept {
        return trees[0].admits == Admits::everything && trees[1].admits == Admits::everything;
    }
    [[nodiscard]] const TreeAdmission& operator[](TreeId tree) const noexcept {
        return trees[index_of(tree)];
    }
    [[nodiscard]] TreeAdmission& operator[](TreeId tree) noexcept { return trees[index_of(tree)]; }
};

}  // namespace amphora::outbox
