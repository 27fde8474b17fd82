#pragma once

#include "base/filesystem_kind.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "tree/tree.hpp"

#include <cstdint>
#include <memory>
#include <string>

/// The relational tree: LMDB in its safest ordinary mode (every commit synced, never NOSYNC,
/// NOMETASYNC or WRITEMAP). Each value is stored with a checksum over key and value, because LMDB's
/// pages have none.
namespace amphora::lmdb {

/// Who reads ahead in the file. The system's read-ahead helps scans of a cold file, and slows
/// random reads of a tree that is larger than memory.
enum class ReadAhead : std::uint8_t { system, none };

struct LmdbOptions {
    /// Address space, not memory: the largest size of the tree. Not changed while open.
    std::uint64_t map_bytes = 256ull << 30;
    std::uint32_t readers_max = 1024;  ///< views of different deliveries, over all processes
    /// For removals when the disk or the map is full: blocks that the file has after its end, and
    /// the end of the map. Inserts are refused earlier. An upper bound; a small file keeps less.
    std::uint64_t reserve_bytes = 16ull << 20;
    ReadAhead read_ahead = ReadAhead::system;
    OnNetwork on_network = OnNetwork::refuse;
    Log log;
};

/// Opens the tree in `directory` (in `create` mode it is made if missing). Throws `foreign_piece`
/// for a tree of another database, `corrupt` for a damaged or shortened file, `newer_format`,
/// `in_use` if this process has it open already, `not_a_database` if there is none, `disk_full`,
/// `io_error`, `unsupported_filesystem`. In `read_only` mode views follow what the writing process
/// delivers.
///
/// Views and cursors may outlive the tree; its file stays open (`in_use`) until the last is
/// destroyed.
[[nodiscard]] std::unique_ptr<tree::Tree> open_lmdb(const std::string& directory,
                                                    const Identity& identity, tree::OpenMode mode,
                                                    const LmdbOptions& options = {});

/// Writes a copy without free pages into `target` (a missing or empty directory) and syncs it. The
/// tree must not be open for writing. This is the only way to give space back, because LMDB's file
/// never shrinks.
void compact_copy(const std::string& directory, const std::string& target);

/// Changes the timeline of the tree in `directory`, which nobody has open. The contents stay. `mark`
/// is the tree's mark in the journal of that timeline: for the same commit.
/// Throws what `open_lmdb` throws.
void renew_identity(const std::string& directory, const Identity& before, const Identity& after,
                    const Mark& mark, const LmdbOptions& options = {});

/// Walks the file page by page without LMDB, which could follow a damaged page and crash: for a
/// tree that does not open, or that must be checked before it is opened. Nobody may be writing it.
/// Throws only if the file cannot be read at all.
void check_file(const std::string& directory, tree::Tree::Findings& findings);

}  // namespace amphora::lmdb
