#include "database/archiving.hpp"

#include "base/system_error.hpp"
#include "catalog/evolution/evolution.hpp"
#include "database/directory/archive_file.hpp"
#include "database/directory/directory.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

namespace amphora {

namespace {

/// The name must work for a process in another working directory, and be the same for every
/// spelling. What comes before a ".." is kept, because it may be a link to another directory.
std::string absolute(const std::string& directory) {
    if (directory.find('\n') != std::string::npos) {
        throw Error{ErrorCode::invalid_argument,
                    "archive_directory has a line break in its name; choose one without"};
    }
    std::error_code failed;
    const std::filesystem::path place = std::filesystem::absolute(directory, failed);
    if (failed) throw_system_error("getcwd", directory, failed.value());
    std::filesystem::path plain;
    for (const std::filesystem::path& part : place) {
        if (!part.empty() && part != ".") plain /= part;
    }
    return plain.string();
}

/// The content of the file, unless the options replace it. An opening for reading works without it.
std::optional<ArchiveFile> remembered(Core& core) {
    const Options& options = core.options.given;
    try {
        return read_archive_file(*core.files, core.path);
    } catch (const Error& error) {
        const bool is_said_anew =
            !options.archive_directory.empty() || options.archiving == Archiving::stops;
        const bool is_needed = error.code() != ErrorCode::corrupt || !is_said_anew;
        if (is_needed && !core.is_read_only()) throw;
        core.log(error.what());
        if (core.is_read_only()) core.archive_problem = error.what();
        return std::nullopt;
    }
}

void stop_archiving(Core& core, const std::optional<ArchiveFile>& before) {
    if (!core.options.given.archive_directory.empty()) {
        throw Error{ErrorCode::invalid_argument,
                    fmt::format("{}: Archiving::stops and archive_directory {} contradict each "
                                "other; give one of them",
                                core.path, core.options.given.archive_directory)};
    }
    remove_archive_file(*core.files, core.path);
    if (before) core.log(fmt::format("archive: {} gets nothing from now on", before->directory));
}

/// The remembered archive, or the one of the options, which is written down before anything is
/// archived.
ArchiveFile in_force(Core& core, const std::optional<ArchiveFile>& before) {
    const std::string& named = core.options.given.archive_directory;
    if (named.empty()) return before.value_or(ArchiveFile{});
    require_outside(core.path, named, "the archive");
    const std::string directory = absolute(named);
    if (before && before->directory == directory) return *before;
    ArchiveFile now{.directory = directory};
    write_archive_file(*core.files, core.path, now);
    return now;
}

void run_archiver(Core& core, ArchiveFile archive) {
    core.outbox->keep_after(outbox::Keeper::archive, Sequence{});
    core.archiver = std::make_unique<journal::Archiver>(
        *core.files, *core.journal,
        journal::ArchiverOptions{.directory = archive.directory,
                                 .timeline = core.identity,
                                 .is_known = archive.begun,
                                 .catalogs = archived_catalogs(core),
                                 .log = core.options.given.log},
        [&core, archive](Sequence archived) mutable {
            if (!archive.begun) {
                ArchiveFile begun = archive;
                begun.begun = true;
                write_archive_file(*core.files, core.path, begun);
                archive = begun;
            }
            core.outbox->keep_after(outbox::Keeper::archive, archived);
        });
    core.journal->on_segment_closed([&archiver = *core.archiver] { archiver.wake(); });
}

/// The catalog as of a durable commit; none if it is damaged, because a copy without it can still be
/// restored.
std::optional<Buffer> catalog_as_of(const Core& core, Sequence commit) {
    // The commit may be a change of the catalog: a snapshot must have it.
    if (core.journal->visible() < commit) core.journal->await_visible(commit);
    try {
        return catalog::encoded_version(*core.engine->snapshot(), commit);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt) throw;
        core.log(
            fmt::format("archive: the segment after commit {} is archived without its catalog, "
                        "so a feed cannot begin with it: {}",
                        number(commit), error.what()));
        return std::nullopt;
    }
}

}  // namespace

journal::ArchivedCatalogs archived_catalogs(const Core& core) {
    return {.ancestors = core.lineage.ancestors,
            .as_of = [&core](Sequence commit) { return catalog_as_of(core, commit); }};
}

void start_archiving(Core& core) {
    const std::optional<ArchiveFile> before = remembered(core);
    if (core.is_read_only()) {
        if (before) core.archive_directory = before->directory;
        return;
    }
    if (core.options.given.archiving == Archiving::stops) {
        stop_archiving(core, before);
        return;
    }
    ArchiveFile archive = in_force(core, before);
    core.archive_directory = archive.directory;
    if (!archive.directory.empty()) run_archiver(core, std::move(archive));
}

}  // namespace amphora
