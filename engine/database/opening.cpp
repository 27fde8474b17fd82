#include "database/opening.hpp"

#include "base/file.hpp"
#include "database/archiving.hpp"
#include "database/directory/directory.hpp"
#include "database/opening_steps.hpp"
#include "tree/absent_tree.hpp"
#include "tree/rocks/environment/living_threads.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace amphora {

namespace {

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

/// A full disk may have no room for the files that observers need. They are told so; the database
/// opens all the same.
void begin_to_be_observed(Core& core) {
    try {
        core.live_owner = std::make_unique<live::LiveOwner>(core.path, core.identity,
                                                            core.options.engine.snapshot_age_ms_max,
                                                            core.options.given.log);
    } catch (const Error& error) {
        core.log(
            fmt::format("it cannot be read by other processes while it is open: {}", error.what()));
        return;
    }
    core.options.journal.on_advance = [&owner = *core.live_owner](Sequence visible,
                                                                  Sequence durable) noexcept {
        owner.advance(visible, durable);
    };
    core.options.outbox.before_delivery = [&owner = *core.live_owner](TreeId tree) noexcept {
        if (tree == TreeId::relational) owner.before_delivery();
    };
}

void open_parts(Core& core) {
    const DatabasePaths paths{core.path};
    std::error_code ignored;
    if (!core.is_read_only()) {
        begin_to_be_observed(core);
        std::filesystem::remove_all(paths.compacted, ignored);
    }
    open_trees(core, paths);
    if (core.live_owner) core.live_owner->guard(*core.relational);
    open_journal(core, paths);
    make_engine(core);
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
        require_schemas(*schemas);
    }
    require_directory(path, options.mode);
    const Sharing sharing = writes(options.mode) ? Sharing::exclusive : Sharing::shared;
    core->lock =
        lock ? std::move(lock) : DirectoryLock::acquire(path, on_network(options), sharing);
    core->files = files_anchored_at(path);
    try {
        recognize(*core);
        open_parts_or_advise(*core);
    } catch (const std::system_error& error) {
        throw Error{ErrorCode::io_error,
                    fmt::format("{}: starting a thread: {}; close something and try again", path,
                                error.what())};
    }
    finish(*core, schemas, definitions);
    return core;
}

}  // namespace amphora
