#include "database/observed_core.hpp"

#include "base/file.hpp"
#include "database/archiving.hpp"
#include "database/opening_steps.hpp"
#include "events/schema_history.hpp"
#include "journal/following/overtaken.hpp"
#include "tree/rocks/environment/living_threads.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace amphora {

namespace {

/// Commits of documents that are kept in memory until everything is opened anew.
constexpr std::uint64_t pending_bytes_least = 8u << 20;

[[noreturn]] void refuse_for_now(const Core& core, const char* what) {
    throw Error{ErrorCode::timeout, fmt::format("{}: {}; try again", core.path, what)};
}

void require_own(const Core& core, const live::OwnerNow& owner) {
    if (owner.part.identity == core.identity) return;
    throw Error{
        ErrorCode::foreign_piece,
        fmt::format("{}: its file LIVE is of another database or timeline; the next opening for "
                    "writing makes it anew",
                    core.path)};
}

void open_trees_as_they_are(Core& core, const DatabasePaths& paths) {
    auto relational = lmdb::open_foreign(paths.relational, core.identity,
                                         {.on_network = on_network(core.options.given)});
    relational->show(relational->take(core.observer->validity()));
    core.followed.relational = relational.get();
    core.relational = std::move(relational);
    core.documents =
        rocks::open_rocks(paths.documents, core.identity, tree::OpenMode::live, core.options.rocks);
}

/// Up to what the owner said after the trees were opened.
void open_journal_of(Core& core, const DatabasePaths& paths, const live::OwnerNow& owner) {
    require_own(core, owner);
    const Mark rows = core.relational->delivered();
    const Mark documents = core.documents->delivered();
    if (std::max(rows.sequence, documents.sequence) > owner.visible) {
        refuse_for_now(core, "a store is further than its owner says");
    }
    auto journal = journal::FollowedJournal::open(
        *core.files, paths.journal, core.identity,
        rows.sequence < documents.sequence ? rows : documents, owner.visible);
    core.followed.journal = journal.get();
    core.journal = std::move(journal);
}

std::uint64_t generation_of(const std::optional<live::OwnerNow>& owner,
                            const live::Observer& observer) {
    return owner ? owner->part.generation : observer.generation();
}

/// The trees first, then how far the owner has come, then the journal up to there: so the journal has
/// what the trees lack, and nothing is shown that was not visible.
void open_observed_parts(Core& core) {
    const DatabasePaths paths{core.path};
    const live::Observer& observer = *core.observer;
    const std::uint64_t generation = observer.generation();
    open_trees_as_they_are(core, paths);
    const auto owner = observer.owner();
    if (owner) {
        open_journal_of(core, paths, *owner);
    } else {
        open_journal(core, paths);
    }
    make_engine(core);
    start_archiving(core);
    core.outbox->recover();
    // An owner that came or went meanwhile may have changed what was read before.
    const auto owner_now = observer.owner();
    if (owner.has_value() != owner_now.has_value() || observer.generation() != generation ||
        generation_of(owner, observer) != generation) {
        refuse_for_now(core, "it was opened or closed while it was read");
    }
    core.followed.generation = generation;
    core.followed.pending_bytes =
        core.outbox->statistics().trees[index_of(TreeId::documents)].pending_bytes;
}

/// The document store is as it was at the opening, so what is committed since stays in memory.
bool has_much_pending(const Core& core) {
    const std::uint64_t bytes =
        core.outbox->statistics().trees[index_of(TreeId::documents)].pending_bytes;
    return bytes > std::max(pending_bytes_least, 2 * core.followed.pending_bytes);
}

}  // namespace

std::shared_ptr<Core> open_observed_core(const std::string& path,
                                         std::optional<std::span<const Schema>> schemas,
                                         const Options& options) {
    rocks::require_living_threads(path);
    auto core = std::make_shared<Core>(path, resolve(options));
    core->files = files_anchored_at(path);
    recognize(*core);
    core->observer = std::make_shared<live::Observer>(path);
    open_observed_parts(*core);
    finish(*core, schemas, Definitions::needed);
    // Removes nothing; it knows which documents have expired.
    core->retention = std::make_unique<retention::Retention>(*core->engine, *core->outbox,
                                                             core->schema, options.log);
    return core;
}

bool follow_owner(Core& core) {
    Core::Followed& followed = core.followed;
    const live::Observer& observer = *core.observer;
    if (observer.generation() != followed.generation) return false;
    if (followed.journal == nullptr || !observer.owner()) {
        // Nobody writes, or the owner has just begun or ended.
        return followed.journal == nullptr && !observer.owner();
    }
    if (followed.relational->is_replaced() || has_much_pending(core)) return false;
    // As at the opening: the tree, then how far the owner has come, then the journal.
    auto rows = followed.relational->take(core.observer->validity());
    const auto owner = observer.owner();
    if (!owner || owner->part.generation != followed.generation) return false;
    if (rows->mark().sequence > owner->visible) {
        refuse_for_now(core, "a store is further than its owner says");
    }
    bool has_new_catalog = false;
    try {
        followed.journal->advance(owner->visible, [&](const journal::Entry& entry) {
            if (events::changes_catalog({entry.record, entry.sequence})) has_new_catalog = true;
            core.outbox->follow(entry);
        });
    } catch (const journal::Overtaken&) {
        return false;
    }
    if (rows->mark().sequence <= followed.journal->visible()) {
        followed.relational->show(std::move(rows));
        core.outbox->drop_delivered(TreeId::relational);
    }
    return !has_new_catalog;
}

}  // namespace amphora
