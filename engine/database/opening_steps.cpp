#include "database/opening_steps.hpp"

#include "base/file.hpp"
#include "catalog/evolution/evolution.hpp"
#include "database/directory/backup_file.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <array>
#include <utility>

namespace amphora {

namespace {

journal::Journal::Mode journal_mode(const Core& core) {
    if (core.is_rescue()) return journal::Journal::Mode::rescue;
    return core.is_read_only() ? journal::Journal::Mode::read_only
                               : journal::Journal::Mode::read_write;
}

/// A backup itself names its last commit, because its trees would also fit a journal that ends
/// early.
void require_backup_whole(Core& core) {
    const auto backup = read_backup_file(operating_system_files(), core.path);
    const Sequence last = core.journal->recovery().last;
    if (!backup || last == backup->last) return;
    const std::string what = fmt::format(
        "{}: was made up to commit {}, but its journal ends with {}: a segment is "
        "missing or of another backup; put back all parts from one backup",
        core.path, number(backup->last), number(last));
    if (!core.is_rescue()) throw Error{ErrorCode::foreign_piece, what};
    leave_out(core, what);
}

}  // namespace

void leave_out(Core& core, const std::string& what) {
    core.log("left out: " + what);
    core.left_out.push_back(what);
}

void recognize(Core& core) {
    FoundIdentity found = open_directory(core.path, core.options);
    core.identity = found.identity;
    core.lineage = {found.identity.timeline, std::move(found.ancestors)};
}

void open_journal(Core& core, const DatabasePaths& paths) {
    if (!core.files->exists(paths.journal) && !core.is_rescue()) {
        throw Error{ErrorCode::not_a_database,
                    fmt::format("{}: there is no such folder; the journal is missing; put it back "
                                "from a copy of this database",
                                paths.journal)};
    }
    const std::array marks{core.relational->held(), core.documents->held()};
    core.options.journal.files = segment_files_in(core.path);
    core.journal = journal::Journal::open(*core.files, paths.journal, core.identity, marks,
                                          journal_mode(core), core.options.journal);
    const journal::Recovery& found = core.journal->recovery();
    for (const std::string& damage : found.damage) leave_out(core, damage);
    core.log(fmt::format(
        "opened {}: epoch {}, last commit {}, relational store at {}, documents at {}{}", core.path,
        number(found.epoch), number(found.last), number(marks[0].sequence),
        number(marks[1].sequence), found.closed_cleanly ? "" : "; was not closed"));
    if (found.bytes_cut != 0) {
        core.log(
            fmt::format("{}: {} bytes of an unfinished write were cut; no commit waited for them",
                        found.cut_place, found.bytes_cut));
    }
    require_backup_whole(core);
}

void make_engine(Core& core) {
    core.outbox = std::make_unique<outbox::Outbox>(*core.journal, *core.relational, *core.documents,
                                                   core.options.outbox, core.options.given.log);
    core.engine = std::make_unique<transaction::Engine>(*core.outbox, core.options.engine);
}

void finish(Core& core, std::optional<std::span<const Schema>> schemas, Definitions definitions) {
    put_in_force(core, schemas, definitions);
    core.past_versions = std::make_shared<const std::vector<catalog::PastVersion>>(
        catalog::past_versions(*core.engine->snapshot()));
    core.observers = std::make_shared<detail::CommitObservers>(*core.engine, core.schema,
                                                               core.options.given.log);
    core.open.store(true, std::memory_order_release);
}

}  // namespace amphora
