#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/identity_file.hpp"
#include "base/system_error.hpp"
#include "database/directory/archive_file.hpp"
#include "database/directory/timeline.hpp"
#include "database/directory/unfinished_directory.hpp"
#include "database/opening.hpp"
#include "database/rescue/examination.hpp"
#include "database/rescue/rebuilding.hpp"
#include "database/rescue/rebuilt_definitions.hpp"
#include "database/rescue/repair_losses.hpp"
#include "database/rescue/salvaged_trees.hpp"
#include "tree/rocks/environment/living_threads.hpp"

#include <amphora/database.hpp>
#include <amphora/error.hpp>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

// A repair makes a new database next to the damaged one: two trees of the readable parts, continued
// by the journal's commits; then, by ordinary commits, only what is consistent; then a deep check.
// The damaged directory is only read until both change places in one step.
namespace amphora {

namespace {

namespace fs = std::filesystem;

/// The identity, if the file IDENTITY does not give it: that of the newest readable segment.
FoundIdentity find_identity(const std::string& path, bool& from_file) {
    FileSystem& files = operating_system_files();
    try {
        if (const auto content = read_identity(files, path)) {
            from_file = true;
            return {content->identity, content->ancestors};
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt) throw;
    }
    const DatabasePaths paths{path};
    if (files.exists(paths.journal)) {
        const journal::SalvagedJournal journal{files, paths.journal, std::nullopt};
        if (journal.identity()) return {*journal.identity()};
    }
    throw Error{ErrorCode::not_a_database,
                fmt::format("{}: neither a file IDENTITY nor a segment of a journal says which "
                            "database this is; nothing can be repaired",
                            path)};
}

/// The repaired database is made next to the damaged one, under a longer name; for "." there is
/// neither.
std::string own_name(const std::string& path) {
    std::string name = path;
    while (name.size() > 1 && name.ends_with('/')) name.pop_back();
    const fs::path last = fs::path{name}.filename();
    if (last == "." || last == "..") return fs::canonical(name).string();
    return name;
}

std::string free_name(const std::string& wanted) {
    std::string name = wanted;
    for (int next = 2; fs::exists(name); ++next) name = fmt::format("{}-{}", wanted, next);
    return name;
}

/// Both names at once if the file system can do it (ext4, xfs, btrfs, tmpfs). Otherwise one after
/// the other, and a crash between leaves PATH.damaged and PATH.repaired.
void change_places(const std::string& path, const std::string& repaired,
                   const std::string& damaged) {
    FileSystem& files = operating_system_files();
    const long exchanged = ::syscall(SYS_renameat2, AT_FDCWD, path.c_str(), AT_FDCWD,
                                     repaired.c_str(), RENAME_EXCHANGE);
    if (exchanged == 0) {
        files.rename(repaired, damaged);
    } else if (errno == EINVAL || errno == ENOSYS) {
        files.rename(path, damaged);
        files.rename(repaired, path);
    } else {
        throw_system_error("renameat2", path);
    }
    files.sync_directory(parent_of(path));
}

bool has_user_spaces(const catalog::Definition& definition) {
    const auto is_users = [](const auto& one) { return !catalog::is_system_name(one.name); };
    return std::ranges::any_of(definition.tables, is_users) ||
           std::ranges::any_of(definition.collections, is_users);
}

class Repair {
  public:
    Repair(std::string path, RepairMode mode, const Options& options,
           std::span<const Schema> schemas)
        : path_{std::move(path)},
          mode_{mode},
          options_{options},
          schemas_{schemas},
          lock_{DirectoryLock::acquire(path_, on_network(options))} {
        options_.mode = OpenMode::must_exist;
        options_.archive_directory.clear();
    }

    RepairReport run() {
        report_.findings = examine_directory(path_, lock_, CheckDepth::deep, options_).findings;
        report_.whole = true;
        if (report_.findings.empty()) return std::move(report_);
        bool named = false;
        const FoundIdentity found = find_identity(path_, named);
        if (named || !is_all_but_identity_sound(found.identity)) {
            make_anew(found);
        } else {
            write_identity_again(found.identity);
        }
        return std::move(report_);
    }

  private:
    bool is_all_but_identity_sound(const Identity& identity) {
        CheckReport pieces;
        examine_pieces(DatabasePaths{path_}, identity, resolve(options_), pieces);
        return pieces.findings.empty();
    }
    void write_identity_again(const Identity& identity) {
        report_.identity_only = true;
        report_.timeline = to_string(identity.timeline);
        if (mode_ == RepairMode::dry_run) return;
        write_new_identity(operating_system_files(), path_, identity);
        report_.applied = true;
    }

    void make_anew(const FoundIdentity& found) {
        const Identity& before = found.identity;
        UnfinishedDirectory unfinished{free_name(path_ + ".repaired"), on_network(options_)};
        const Identity after{before.database, make_uuid()};
        const SalvagedTrees salvaged = salvage(unfinished.path(), before, after);
        static_cast<void>(begin_journal(
            unfinished.path(), after,
            {.prior = salvaged.last, .prior_time_us = 0, .epoch = salvaged.last.epoch}));
        begin_timeline(unfinished.path(), after,
                       Lineage{before.timeline, found.ancestors}.continued_after(
                           salvaged.last.sequence, Ancestor::End::repaired));
        rebuild(unfinished, salvaged);
        verify(unfinished);
        keep_archiving(unfinished.path());
        report_.whole = report_.losses.empty() && report_.rows_quarantined == 0 &&
                        report_.documents_quarantined == 0;
        report_.timeline = to_string(after.timeline);
        if (mode_ == RepairMode::dry_run) return;
        const std::string repaired = free_name(path_ + ".repaired");
        const std::string damaged = free_name(path_ + ".damaged");
        unfinished.finish();
        change_places(path_, repaired, damaged);
        report_.damaged_path = damaged;
        report_.applied = true;
    }

    SalvagedTrees salvage(const std::string& to, const Identity& before, const Identity& after) {
        const DatabasePaths from{path_};
        const DatabasePaths paths{to};
        FileSystem& files = operating_system_files();
        files.make_directory(paths.journal);
        // The damaged database is not changed: if the journal is missing, an empty directory is
        // read instead.
        const journal::SalvagedJournal journal{
            files, files.exists(from.journal) ? from.journal : paths.journal, before};
        ResolvedOptions resolved = resolve(options_);
        resolved.journal.files = segment_files_in(path_);
        SalvagedTrees salvaged = salvage_trees(from, paths, journal, before, after, resolved);
        report_.notes = salvaged.notes;
        report_.commits_replayed = salvaged.commits_replayed;
        report_.last = salvaged.last.sequence;
        return salvaged;
    }

    void rebuild(UnfinishedDirectory& unfinished, const SalvagedTrees& salvaged) {
        const auto core =
            open_core(unfinished.path(), std::nullopt, options_,
                      std::exchange(unfinished.lock(), std::nullopt), Definitions::may_be_lost);
        const bool had_catalog = core->schema->catalog().version() != 0;
        const RebuiltDefinitions definitions =
            rebuild_definitions(*core, salvaged.definitions, schemas_);
        const bool any_lost = !had_catalog || !definitions.losses.empty();
        if (any_lost && !has_user_spaces(core->schema->catalog().definition())) {
            throw Error{ErrorCode::corrupt,
                        fmt::format("{}: the catalog is not among what can be read of the "
                                    "relational store; without it no row means anything; give the "
                                    "schema (--schema FILE), or restore a backup",
                                    path_)};
        }
        Quarantine quarantine{unfinished.path(), path_};
        const Rebuilt restored =
            rebuild_contents(*core, salvaged.unsound, definitions.undefined, quarantine);
        report_.losses = losses_of(salvaged, definitions, *core->schema);
        report_.notes.insert(report_.notes.end(), definitions.notes.begin(),
                             definitions.notes.end());
        quarantine.finish();
        report_.rows_quarantined = restored.rows_quarantined;
        report_.documents_quarantined = restored.documents_quarantined;
        if (quarantine.entries() != 0) {
            report_.quarantine_path = path_ + "/" + Quarantine::name;
        }
        core->close();
        unfinished.lock() = std::move(core->lock);
    }

    void verify(UnfinishedDirectory& unfinished) {
        const CheckReport check =
            examine_directory(unfinished.path(), unfinished.lock(), CheckDepth::deep, options_);
        report_.rows = check.rows;
        report_.documents = check.documents;
        if (check.findings.empty()) return;
        throw Error{
            ErrorCode::corrupt,
            fmt::format("{}: what could be saved does not make a sound database: {} faults, "
                        "the first: {}; nothing was put in place; restore a backup",
                        path_, check.findings.size(), check.findings.front())};
    }

    void keep_archiving(const std::string& to) {
        FileSystem& files = operating_system_files();
        try {
            if (const auto archive = read_archive_file(files, path_)) {
                write_archive_file(files, to, *archive);
            }
        } catch (const Error& error) {
            if (error.code() == ErrorCode::newer_format) throw;
            report_.losses.emplace_back(error.what());
        }
    }

    std::string path_;
    RepairMode mode_;
    Options options_;
    std::span<const Schema> schemas_;
    std::optional<DirectoryLock> lock_;
    RepairReport report_;
};

}  // namespace

RepairReport Database::repair_directory(const std::string& path, RepairMode mode,
                                        const Options& options, std::span<const Schema> schemas) {
    rocks::require_living_threads(path);
    require_directory(path, OpenMode::must_exist);
    return Repair{own_name(path), mode, options, schemas}.run();
}

}  // namespace amphora
