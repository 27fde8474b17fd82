#include "database/opening.hpp"

#include "base/file.hpp"
#include "catalog/evolution/evolution.hpp"
#include "catalog/language/parser.hpp"
#include "catalog/system/system_schema.hpp"
#include "database/adoption.hpp"
#include "database/archiving.hpp"
#include "database/consumer_positions.hpp"
#include "database/directory/backup_file.hpp"
#include "database/directory/directory.hpp"
#include "database/used_spaces.hpp"
#include "tree/absent_tree.hpp"
#include "tree/rocks/environment/living_threads.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <system_error>

namespace amphora {

namespace {

catalog::Definition parse(std::span<const Schema> schemas, const catalog::Definition& stored) {
    std::vector<catalog::SchemaText> texts;
    for (const Schema& schema : schemas) texts.push_back({schema.text, schema.name});
    return catalog::parse_schemas(texts, stored);
}

/// What the schemas and this version of the library need. What an opening cannot add, because it is
/// read-only, is needed only if a schema of the caller declares it. The definitions that a damaged
/// catalog has lost may include those of the system schema, so a repair adds these itself.
catalog::Definition wanted_definition(const Core& core,
                                      std::optional<std::span<const Schema>> schemas,
                                      const catalog::Definition& stored, Definitions definitions) {
    catalog::Definition wanted;
    if (schemas) wanted = parse(*schemas, stored);
    if (core.is_read_only() || definitions == Definitions::may_be_lost) return wanted;
    catalog::Definition missing = catalog::missing_system_definition(stored);
    std::ranges::move(missing.tables, std::back_inserter(wanted.tables));
    std::ranges::move(missing.collections, std::back_inserter(wanted.collections));
    return wanted;
}

bool is_lack_of_room(ErrorCode code) noexcept {
    return code == ErrorCode::disk_full || code == ErrorCode::outbox_full ||
           code == ErrorCode::documents_stalled;
}

/// Adds what is missing. If the caller's schema needs nothing of it and there is no room, adds
/// nothing: the database must open so that something can be removed from it.
void add_missing(Core& core, const catalog::Catalog& stored, const catalog::Definition& wanted,
                 const std::vector<catalog::Difference>& differences) {
    try {
        core.schema = adopt(core, stored, wanted);
    } catch (const Error& error) {
        const bool is_needed = std::ranges::any_of(differences, [](const auto& difference) {
            return !catalog::is_system_name(difference.owner);
        });
        if (is_needed || !is_lack_of_room(error.code())) throw;
        core.log(fmt::format("the system tables are not there yet, the next opening adds them: {}",
                             error.what()));
        return;
    }
    for (const catalog::Difference& difference : differences) {
        core.log(fmt::format("schema: {}", difference.text));
    }
}

/// Compares the schemas with what is stored and adds what is missing, in one commit.
void put_in_force(Core& core, std::optional<std::span<const Schema>> schemas,
                  Definitions definitions) {
    const std::string place = DatabasePaths{core.path}.relational;
    const auto reading = core.engine->snapshot();
    const auto stored = catalog::load(*reading, place);
    core.schema = std::make_shared<const stores::BoundSchema>(stored);
    // Before the schema is adopted, because that may need room in the journal.
    if (core.archiver) core.archiver->begin();
    detail::restore_consumer_positions(core);
    if (definitions == Definitions::needed && stored->version() == 0 &&
        !used_spaces(*reading, TreeId::relational).empty()) {
        throw Error{ErrorCode::corrupt,
                    fmt::format("{}: holds rows, and no catalog says what they are; restore a "
                                "backup, or repair the database and give its schema",
                                place)};
    }
    // A rescue shows what is stored, whatever schema the caller gives.
    if (core.is_rescue()) return;

    const catalog::Definition wanted =
        wanted_definition(core, schemas, stored->definition(), definitions);
    catalog::require_applicable(stored->definition(), wanted);
    const auto differences = catalog::difference(stored->definition(), wanted);
    if (differences.empty()) return;
    if (core.is_read_only()) {
        throw Error{ErrorCode::schema_mismatch,
                    fmt::format("{} is opened read-only and lacks what the schema says: {}",
                                core.path, differences.front().text)};
    }

    add_missing(core, *stored, wanted, differences);
}

void leave_out(Core& core, const std::string& what) {
    core.log("left out: " + what);
    core.left_out.push_back(what);
}

template <class Open>
std::unique_ptr<tree::Tree> open_tree(Core& core, Open&& open) {
    if (!core.is_rescue()) {
        return open(core.is_read_only() ? tree::OpenMode::read_only : tree::OpenMode::read_write);
    }
    try {
        return open(tree::OpenMode::read_only);
    } catch (const Error& error) {
        leave_out(core, error.what());
        return tree::make_absent_tree(error.what());
    }
}

void open_trees(Core& core, const DatabasePaths& paths) {
    core.relational = open_tree(core, [&](tree::OpenMode mode) {
        return lmdb::open_lmdb(paths.relational, core.identity, mode, core.options.lmdb);
    });
    core.documents = open_tree(core, [&](tree::OpenMode mode) {
        return rocks::open_rocks(paths.documents, core.identity, mode, core.options.rocks);
    });
}

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

void open_parts(Core& core) {
    const DatabasePaths paths{core.path};
    std::error_code ignored;
    if (!core.is_read_only()) std::filesystem::remove_all(paths.compacted, ignored);
    open_trees(core, paths);
    open_journal(core, paths);
    core.outbox = std::make_unique<outbox::Outbox>(*core.journal, *core.relational, *core.documents,
                                                   core.options.outbox, core.options.given.log);
    core.engine = std::make_unique<transaction::Engine>(*core.outbox, core.options.engine);
    start_archiving(core);
    // Until the positions of the consumers are known, nothing is recycled.
    core.outbox->keep_after(outbox::Keeper::opening, Sequence{});
    core.outbox->recover();
    for (const std::string& lack : core.outbox->statistics().missing) leave_out(core, lack);
}

void open_parts_or_advise(Core& core) {
    try {
        open_parts(core);
    } catch (const Error& error) {
        const bool is_damaged =
            error.code() == ErrorCode::corrupt || error.code() == ErrorCode::foreign_piece;
        if (!is_damaged || core.is_rescue()) throw;
        throw Error{error.code(), fmt::format("{}; opening it with OpenMode::rescue (--rescue on "
                                              "the command line) shows what is left of it",
                                              error.what())};
    }
}

}  // namespace

std::shared_ptr<Core> open_core(const std::string& path,
                                std::optional<std::span<const Schema>> schemas,
                                const Options& options, std::optional<DirectoryLock> lock,
                                Definitions definitions) {
    rocks::require_living_threads(path);
    auto core = std::make_shared<Core>(path, resolve(options));
    // A mistake in the schema is found before anything is made.
    std::error_code failed;
    if (schemas && options.mode == OpenMode::create_if_missing &&
        !std::filesystem::exists(path, failed)) {
        static_cast<void>(parse(*schemas, {}));
    }
    require_directory(path, options.mode);
    core->lock = lock ? std::move(lock) : DirectoryLock::acquire(path, on_network(options));
    core->files = files_anchored_at(path);
    try {
        FoundIdentity found = open_directory(path, core->options);
        core->identity = found.identity;
        core->lineage = {found.identity.timeline, std::move(found.ancestors)};
        open_parts_or_advise(*core);
    } catch (const std::system_error& error) {
        throw Error{ErrorCode::io_error,
                    fmt::format("{}: starting a thread: {}; close something and try again", path,
                                error.what())};
    }
    put_in_force(*core, schemas, definitions);
    core->past_versions = std::make_shared<const std::vector<catalog::PastVersion>>(
        catalog::past_versions(*core->engine->snapshot()));
    core->observers =
        std::make_shared<detail::CommitObservers>(*core->engine, core->schema, options.log);
    core->open.store(true, std::memory_order_release);
    return core;
}

}  // namespace amphora
