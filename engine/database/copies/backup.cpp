#include "base/clock.hpp"
#include "base/file.hpp"
#include "database/copies/copy_counter.hpp"
#include "database/copies/verification.hpp"
#include "database/core.hpp"
#include "database/directory/backup_file.hpp"
#include "database/directory/directory.hpp"
#include "database/directory/unfinished_directory.hpp"
#include "journal/archive/segment_copy.hpp"

#include <amphora/database.hpp>

#include <fmt/format.h>

#include <algorithm>

// The order in which the pieces are copied makes the copy consistent. Each tree is copied as of
// some delivery, and the journal after both, so the copied journal has every commit of either tree.
// Nothing is recycled meanwhile, so it also has every commit that either tree lacks.
namespace amphora {

namespace {

/// Commits that both trees held before the copies began: the copy needs no journal for them.
Sequence held_by_both(const outbox::Outbox& outbox) {
    const outbox::OutboxStatistics now = outbox.statistics();
    return std::min(now.trees[0].progress.held, now.trees[1].progress.held);
}

/// Returns the last commit in the copy.
Sequence copy_journal(const Core& core, const std::string& directory, Sequence held,
                      CopyCounter& counter) {
    FileSystem& files = *core.files;
    files.make_directory(directory);
    // Every commit that has returned is in the copy, whatever its durability.
    core.journal->await_durable(core.outbox->visible());
    Sequence last{};
    for (const journal::SegmentExtent& segment : core.journal->segments()) {
        last = segment.last;
        if (segment.is_last || segment.last > held) {
            journal::copy_segment(files, segment, directory, counter.adder());
        }
    }
    return last;
}

/// Returns the last commit in the copy.
Sequence copy_parts(const Core& core, const DatabasePaths& to, CopyCounter& counter) {
    const outbox::RecyclingPause pause{*core.outbox, outbox::Keeper::backup};
    const Sequence held = held_by_both(*core.outbox);
    core.documents->copy_to(to.documents, counter.adder());
    core.relational->copy_to(to.relational, counter.adder());
    return copy_journal(core, to.journal, held, counter);
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
    const Core::Use use{core()};
    core().require_writable();
    require_path(destination, "the backup");
    require_outside(core().path, destination, "the backup");
    const std::lock_guard one_at_a_time{core().backing_up};
    UnfinishedDirectory unfinished{destination, on_network(core().options.given)};
    CopyCounter counter{bytes_to_copy(core()), options.progress};
    BackupFile content;
    content.identity = core().identity;
    content.taken_us = now_us();
    content.last = copy_parts(core(), DatabasePaths{unfinished.path()}, counter);
    write_backup_file(operating_system_files(), unfinished.path(), content);

    const std::shared_ptr<Core> copy =
        open_to_verify(unfinished, core().options.given, options.verify);
    const Sequence earliest = earliest_of(*copy);
    close_verified(copy, unfinished);
    unfinished.finish();
    counter.finish();
    core().log(fmt::format("backup of {} in {}: {} bytes, last commit {}", core().path, destination,
                           counter.done(), number(content.last)));
    return {.database = to_string(core().identity.database),
            .timeline = to_string(core().identity.timeline),
            .earliest = earliest,
            .last = content.last,
            .bytes = counter.done()};
}

}  // namespace amphora
