#pragma once

#include "journal/journal.hpp"
#include "outbox/outbox.hpp"
#include "transaction/engine.hpp"
#include "tree/lmdb/lmdb_tree.hpp"
#include "tree/rocks/rocks_tree.hpp"

#include <amphora/options.hpp>

namespace amphora {

/// The most that the journal takes.
inline constexpr std::uint64_t segment_bytes_max = 1ull << 30;

/// `Options` with every number set, for each part.
///
/// Invariant: a commit fits a segment, a sealed table fits the pending bound, and the journal's
/// bound holds several segments; options that would break it are `invalid_argument`.
struct ResolvedOptions {
    Options given;  ///< as the caller gave them
    journal::JournalOptions journal;
    outbox::OutboxOptions outbox;
    transaction::EngineOptions engine;
    lmdb::LmdbOptions lmdb;
    rocks::RocksOptions rocks;
};

[[nodiscard]] inline OnNetwork on_network(const Options& options) noexcept {
    return options.network_file_system == NetworkFileSystem::allow ? OnNetwork::accept
                                                                   : OnNetwork::refuse;
}

[[nodiscard]] ResolvedOptions resolve(const Options& options);

}  // namespace amphora
