#include "base/assert.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "catalog/evolution/evolution.hpp"
#include "database/consumer_positions.hpp"
#include "database/copies/copy_counter.hpp"
#include "database/copies/verification.hpp"
#include "database/directory/backup_file.hpp"
#include "database/directory/directory.hpp"
#include "database/directory/profile.hpp"
#include "database/directory/timeline.hpp"
#include "database/directory/unfinished_directory.hpp"
#include "journal/archive/copied_chain.hpp"
#include "tree/rocks/environment/living_threads.hpp"

#include <amphora/database.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <array>
#include <vector>

// A restore is a recovery up to a chosen commit: the trees of the backup, the copied segments as a
// journal that ends there, and the relays' ordinary steps. Then every piece gets the new timeline,
// and a new journal begins with the commits that consumers have not read.
namespace amphora {

namespace {

struct FileToCopy {
    std::string from, to;
    std::uint64_t bytes = 0;
};

std::vector<FileToCopy> files_of_trees(FileSystem& files, const DatabasePaths& from,
                                       const DatabasePaths& to) {
    std::vector<FileToCopy> found;
    const auto add = [&](const std::string& source, const std::string& target,
                         const std::string& name) {
        const std::string path = source + "/" + name;
        found.push_back({path, target + "/" + name, size_of(files, path)});
    };
    add(from.relational, to.relational, "data.mdb");
    for (const std::string& name : files.list(from.documents)) {
        if (name != "LOCK" && name != rocks::reserve_name) add(from.documents, to.documents, name);
    }
    return found;
}

/// Never linked: a restored database shares no file with the backup.
void copy_trees(FileSystem& files, const std::vector<FileToCopy>& wanted, const DatabasePaths& to,
                CopyCounter& counter) {
    files.make_directory(to.relational);
    files.make_directory(to.documents);
    for (const FileToCopy& file : wanted) {
        copy_file(files, file.from, file.to, file.bytes, counter.adder());
    }
    files.sync_directory(to.relational);
    files.sync_directory(to.documents);
}

void require_arrived(TreeId id, const tree::Tree& tree, Sequence last) {
    if (tree.held().sequence == last) return;
    throw Error{ErrorCode::io_error,
                fmt::format("the {} tree took commits up to {} of {}: {}", to_string(id),
                            number(tree.held().sequence), number(last), tree.statistics().health)};
}

struct Replayed {
    journal::Beginning successor;
    std::uint64_t commits = 0;
    /// The slowest consumer has read up to here; none: there is no consumer that waits for it.
    std::optional<Sequence> needed_after;
};

/// Brings both trees to exactly the last commit that is wanted.
Replayed replay(const DatabasePaths& at, const BackupFile& source,
                const std::vector<std::string>& segments, const ResolvedOptions& options,
                const journal::Until& until) {
    const Identity& identity = source.identity;
    const auto relational =
        lmdb::open_lmdb(at.relational, identity, tree::OpenMode::read_write, options.lmdb);
    const auto documents =
        rocks::open_rocks(at.documents, identity, tree::OpenMode::read_write, options.rocks);
    const journal::CopiedChain past =
        journal::open_copies(operating_system_files(), segments,
                             {.identity = identity,
                              .last = source.last,
                              .marks = {relational->held(), documents->held()}},
                             until);
    const Sequence last = past.successor.prior.sequence;
    const auto outbox = std::make_unique<outbox::Outbox>(*past.journal, *relational, *documents,
                                                         options.outbox, options.given.log);
    outbox->recover();
    const std::uint64_t commits = outbox->statistics().commits_replayed;
    Replayed replayed{past.successor, commits, std::nullopt};
    {
        transaction::Engine engine{*outbox, options.engine};
        const auto now = engine.snapshot();
        const stores::BoundSchema schema{catalog::load(*now, at.relational)};
        replayed.needed_after =
            detail::needed_by_consumers(*now, schema, Lineage{identity.timeline, source.ancestors});
    }
    outbox->close();
    require_arrived(TreeId::relational, *relational, last);
    require_arrived(TreeId::documents, *documents, last);
    return replayed;
}

/// The copies with the commits after `position` up to `end`, as far as they are connected. Null: a
/// copy is damaged or of another chain, which the restore itself does not need.
std::unique_ptr<journal::Journal> find_commits(const std::vector<std::string>& segments,
                                               const Identity& identity, Sequence position,
                                               const Mark& end, const Log& log) {
    try {
        return journal::open_copies(operating_system_files(), segments,
                                    {.identity = identity,
                                     .last = {},
                                     .marks = {end, end},
                                     .wanted_after = position},
                                    {.sequence = end.sequence, .time_us = std::nullopt})
            .journal;
    } catch (const Error& error) {
        const bool is_damaged =
            error.code() == ErrorCode::corrupt || error.code() == ErrorCode::foreign_piece;
        if (!is_damaged) throw;
        if (log) {
            log(
                fmt::format("restore: the changes after commit {} are lost to consumers that have "
                            "not read them: {}",
                            number(position), error.what()));
        }
        return nullptr;
    }
}

/// The journal of the new timeline. It has the commits that consumers have not read, as far as
/// there are copies of them; where there are none, these consumers find a gap.
Mark make_journal(const std::string& directory, const Identity& identity, const BackupFile& source,
                  const std::vector<std::string>& segments, const ResolvedOptions& options,
                  const Replayed& replayed) {
    const journal::Beginning& end = replayed.successor;
    const Sequence last = end.prior.sequence;
    const Sequence needed_after = replayed.needed_after.value_or(last);
    const auto past = needed_after < last ? find_commits(segments, source.identity, needed_after,
                                                         end.prior, options.given.log)
                                          : nullptr;
    if (!past) return begin_journal(directory, identity, end);
    const auto commits = past->cursor();
    if (commits->position() < needed_after) {
        const auto found = commits->seek(needed_after);
        AMPHORA_ASSERT(found == journal::JournalCursor::Seek::found);
    }
    if (commits->position() == last) return begin_journal(directory, identity, end);
    return begin_journal(
        directory, identity,
        {.prior = past->mark_of(commits->position()), .prior_time_us = 0, .epoch = end.epoch},
        TakenOver{
            .commits = *commits, .last = last, .segment_bytes = options.journal.segment_bytes});
}

void renew_trees(const std::string& directory, const Identity& before, const Identity& after,
                 const Mark& mark, const ResolvedOptions& options) {
    const DatabasePaths paths{directory};
    lmdb::renew_identity(paths.relational, before, after, mark, options.lmdb);
    rocks::renew_identity(paths.documents, before, after, mark, options.rocks);
}

BackupFile require_backup(const std::string& directory) {
    require_path(directory, "the backup");
    FileSystem& files = operating_system_files();
    const auto found =
        files.exists(directory) ? read_backup_file(files, directory) : std::optional<BackupFile>{};
    if (!found) {
        throw Error{
            ErrorCode::not_a_database,
            fmt::format("{} is not a backup: it holds no file {}", directory, BackupFile::name)};
    }
    const DatabasePaths parts{directory};
    for (const std::string& part : {parts.journal, parts.relational, parts.documents}) {
        if (files.exists(part)) continue;
        throw Error{
            ErrorCode::not_a_database,
            fmt::format("{}: there is no such folder; the backup is not whole; use another", part)};
    }
    return *found;
}

journal::Until until_of(const RestoreOptions& options) {
    if (options.to_sequence && options.to_time) {
        throw Error{ErrorCode::invalid_argument,
                    "a restore ends at a sequence or at a time, not at both"};
    }
    if (options.to_time && options.to_time->is_now) {
        throw Error{
            ErrorCode::invalid_argument,
            "a restore to amphora::now has no end; leave to_time out to restore everything"};
    }
    journal::Until until;
    until.sequence = options.to_sequence;
    if (options.to_time) until.time_us = options.to_time->microseconds;
    return until;
}

}  // namespace

RestoreReport Database::restore(const std::string& backup, const std::string& destination,
                                const RestoreOptions& options) {
    rocks::require_living_threads(destination);
    const journal::Until until = until_of(options);
    const BackupFile source = require_backup(backup);
    const DatabasePaths from{backup};
    std::vector<std::string> segments{from.journal};
    if (!options.archive.empty()) segments.push_back(options.archive);

    Options opening = options.options;
    opening.mode = OpenMode::must_exist;
    opening.archive_directory.clear();
    const ResolvedOptions resolved = resolve(opening);

    UnfinishedDirectory unfinished{destination, on_network(opening)};
    const DatabasePaths to{unfinished.path()};
    FileSystem& files = operating_system_files();
    const std::vector<FileToCopy> wanted = files_of_trees(files, from, to);
    std::uint64_t total = 0;
    for (const FileToCopy& file : wanted) total += file.bytes;
    CopyCounter counter{total, options.progress};
    copy_trees(files, wanted, to, counter);

    const Replayed replayed = replay(to, source, segments, resolved, until);
    const Identity identity{source.identity.database, make_uuid()};
    const Mark last =
        make_journal(unfinished.path(), identity, source, segments, resolved, replayed);
    renew_trees(unfinished.path(), source.identity, identity, last, resolved);
    const Lineage lineage{source.identity.timeline, source.ancestors};
    begin_timeline(unfinished.path(), identity,
                   lineage.continued_after(last.sequence, Ancestor::End::restored));
    close_verified(open_to_verify(unfinished, opening, options.verify), unfinished);
    unfinished.finish();
    counter.finish();

    const journal::Beginning& end = replayed.successor;
    if (opening.log) {
        opening.log(fmt::format("restored {} from {}: last commit {}", destination, backup,
                                number(end.prior.sequence)));
    }
    return {.database = to_string(identity.database),
            .timeline = to_string(identity.timeline),
            .timeline_before = to_string(source.identity.timeline),
            .last = end.prior.sequence,
            .time = DateTime{end.prior_time_us},
            .commits_replayed = replayed.commits,
            .bytes = counter.done()};
}

}  // namespace amphora
