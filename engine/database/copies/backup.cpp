#include "base/clock.hpp"
#include "base/deadline.hpp"
#include "base/file.hpp"
#include "database/consumer_positions.hpp"
#include "database/copies/copy_counter.hpp"
#include "database/copies/verification.hpp"
#include "database/core.hpp"
#include "database/directory/backup_file.hpp"
#include "database/directory/directory.hpp"
#include "database/directory/unfinished_directory.hpp"
#include "journal/archive/segment_copy.hpp"

#include <amphora/database.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

// The order in which the pieces are copied makes the copy consistent. Each tree is copied as of
// some delivery, and the journal after both, so the copied journal has every commit of either tree.
// Nothing is recycled meanwhile, so it also has every commit that either tree lacks.
namespace amphora {

namespace {

/// The journal has recycled the commits before the positions of its consumers. Waits until the
/// relational tree has these positions, so that no moment as of which the copy can be restored is
/// before them. A tree that takes nothing does not stop the backup: then a consumer may find a gap
/// after a restore to such a moment.
void await_positions(const Core& core) {
    if (events::read_consumers(*core.engine->snapshot(), *core.schema).empty()) return;
    try {
        static_cast<void>(
            core.outbox->await_delivered(TreeId::relational, core.journal->durable(),
                                         Deadline{std::chrono::milliseconds{10'000}}));
    } catch (const Error& error) {
        core.log(fmt::format("backup of {}: {}", core.path, error.what()));
    }
}

/// All of the journal: what a tree may lack, and what consumers have not read. Returns the last
/// commit in the copy.
Sequence copy_journal(const Core& core, const std::string& directory, CopyCounter& counter) {
    FileSystem& files = *core.files;
    files.make_directory(directory);
    // Every commit that has returned is in the copy, whatever its durability.
    core.journal->await_durable(core.outbox->visible());
    Sequence last{};
    for (const journal::SegmentExtent& segment : core.journal->segments()) {
        last = segment.last;
        journal::copy_segment(files, segment, directory, counter.adder());
    }
    return last;
}

/// Returns the last commit in the copy.
Sequence copy_parts(const Core& core, const DatabasePaths& to, CopyCounter& counter) {
    const outbox::RecyclingPause pause{*core.outbox, outbox::Keeper::backup};
    await_positions(core);
    core.documents->copy_to(to.documents, counter.adder());
    core.relational->copy_to(to.relational, counter.adder());
    return copy_journal(core, to.journal, counter);
}

std::uint64_t bytes_to_copy(const Core& core) {
    return core.relational->statistics().bytes_on_disk +
           core.documents->statistics().bytes_on_disk + core.journal->bytes_live();
}

/// The first commit as of which the copy can be restored.
Sequence earliest_of(const Core& copy) {
    return std::max(copy.relational->delivered().sequence, copy.documents->delivered().sequence);
}

}  // namespace

BackupReport Database::backup(const std::string& destination, const BackupOptions& options) const {
    const auto core = current();
    const Core::Use use{*core};
    core->require_writable();
    require_path(destination, "the backup");
    require_outside(core->path, destination, "the backup");
    const std::lock_guard one_at_a_time{core->backing_up};
    UnfinishedDirectory unfinished{destination, on_network(core->options.given)};
    CopyCounter counter{bytes_to_copy(*core), options.progress};
    BackupFile content;
    content.identity = core->identity;
    content.ancestors = core->lineage.ancestors;
    content.taken_us = now_us();
    content.last = copy_parts(*core, DatabasePaths{unfinished.path()}, counter);
    write_backup_file(operating_system_files(), unfinished.path(), content);

    const std::shared_ptr<Core> copy =
        open_to_verify(unfinished, core->options.given, options.verify);
    const Sequence earliest = earliest_of(*copy);
    close_verified(copy, unfinished);
    unfinished.finish();
    counter.finish();
    core->log(fmt::format("backup of {} in {}: {} bytes, last commit {}", core->path, destination,
                          counter.done(), number(content.last)));
    return {.database = to_string(core->identity.database),
            .timeline = to_string(core->identity.timeline),
            .earliest = earliest,
            .last = content.last,
            .bytes = counter.done()};
}

}  // namespace amphora
