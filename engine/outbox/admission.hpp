#pragma once

#include "base/ids.hpp"

#include <amphora/error.hpp>

#include <array>
#include <cstdint>

namespace amphora::outbox {

/// What the outbox takes from one transaction, decided before its turn, tree by tree.
///
/// Work that was accepted is never thrown away, so growth is bounded at the entrance:
///
///   what has reached its bound           documents               relational
///   journal, held up by the documents    puts: documents_stalled  (goes on)
///     at half of its bound
///   journal at its bound                 puts: outbox_full        puts: outbox_full
///   journal at its bound and reserve     everything: outbox_full  everything: outbox_full
///   the tree's own pending memory        puts: documents_stalled  puts: outbox_full
///   room on the disk or in the map       puts: disk_full          puts: disk_full
///
/// Removals may use a reserve behind each bound, because they are how a full database gets empty.
enum class Admits : std::uint8_t { everything, removals, nothing };

struct TreeAdmission {
    Admits admits = Admits::everything;
    ErrorCode code = ErrorCode::outbox_full;  ///< what to say where it does not admit
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
