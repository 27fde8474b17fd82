#include "database/figures.hpp"

#include "database/consumer_positions.hpp"

#include <algorithm>

namespace amphora {

namespace {

TreeReport report_on(TreeId id, const tree::TreeStatistics& tree,
                     const outbox::RelayStatistics& relay) {
    TreeReport report;
    report.name = to_string(id);
    report.delivered = relay.progress.delivered;
    report.held = relay.progress.held;
    report.bytes_on_disk = tree.bytes_on_disk;
    report.bytes_free = tree.bytes_free;
    report.bytes_memory = tree.bytes_memory;
    report.map_bytes_max = tree.map_bytes_max;
    report.entries = tree.entries;
    report.readers = tree.readers;
    report.oldest_reader_ms = tree.oldest_reader_ms;
    report.pending_bytes = relay.pending_bytes;
    report.deliveries = relay.deliveries;
    report.window = {relay.window.commits, relay.window.p50_us, relay.window.p90_us,
                     relay.window.p99_us, relay.window.max_us};
    report.health = tree.health;
    if (report.health == "ok" && relay.failures != 0 && relay.state != "idle" &&
        relay.state != "delivering") {
        report.health = relay.state;
    }
    return report;
}

/// The cursor of a consumer that runs has its name, too: the slower of both counts.
void add_feed(JournalReport& report, const journal::FeedLag& feed) {
    const bool is_consumer = feed.name.starts_with("consumer ");
    const bool is_known = std::ranges::any_of(
        report.feeds, [&](const FeedReport& each) { return each.name == feed.name; });
    if (is_consumer && is_known) return;
    report.feeds.push_back({.name = feed.name,
                            .when_full = feed.when_full,
                            .after = feed.after,
                            .commits = feed.commits,
                            .bytes = feed.bytes});
}

/// A journal that is opened read-only holds nothing: this is what the next opening will hold.
void add_stored_feeds(const Core& core, JournalReport& report) {
    const auto now = core.engine->snapshot();
    const Sequence both_hold =
        std::min(core.relational->held().sequence, core.documents->held().sequence);
    for (const events::ConsumerRow& row : events::read_consumers(*now, *core.schema)) {
        const auto after = events::needed_after(row, core.lineage);
        if (!after) continue;
        FeedReport feed{.name = detail::hold_of_consumer(row.name, row.when_full).name,
                        .when_full = row.when_full,
                        .after = *after};
        feed.commits = number(report.durable) - std::min(number(report.durable), number(*after));
        std::uint64_t kept_for_it = 0;
        for (const journal::SegmentExtent& segment : core.journal->segments()) {
            if (segment.last <= *after) continue;
            feed.bytes += segment.end;
            if (segment.last <= both_hold && !segment.is_last) kept_for_it += segment.end;
        }
        report.feed_bytes = std::max(report.feed_bytes, kept_for_it);
        report.feeds.push_back(std::move(feed));
    }
    std::ranges::stable_sort(report.feeds, {}, &FeedReport::after);
}

JournalReport report_on(const Core& core, const outbox::OutboxStatistics& outbox) {
    const journal::JournalStatistics journal = core.journal->statistics();
    JournalReport report;
    report.recycled = journal.recycled;
    report.durable = journal.durable;
    report.visible = outbox.visible;
    report.published = outbox.published;
    report.bytes_live = journal.bytes.live;
    report.bytes_max = core.options.outbox.journal_bytes_max;
    report.feed_bytes = journal.bytes.for_feeds;
    report.feed_bytes_max = core.options.outbox.feed_bytes_max;
    if (core.is_read_only()) {
        add_stored_feeds(core, report);
    } else {
        for (const journal::FeedLag& feed : journal.feeds) add_feed(report, feed);
    }
    report.segments_live = journal.segments_live;
    report.segments_spare = journal.segments_spare;
    report.commits = journal.commits;
    report.frames = journal.frames;
    report.syncs = journal.syncs;
    report.bytes_written = journal.bytes_written;
    return report;
}

}  // namespace

Statistics figures_of(const Core& core) {
    const outbox::OutboxStatistics outbox = core.outbox->statistics();
    const transaction::EngineStatistics engine = core.engine->statistics();
    const journal::Recovery& recovery = core.journal->recovery();

    Statistics statistics;
    if (core.live_owner) statistics.observers = core.live_owner->observers();
    statistics.database = to_string(core.identity.database);
    statistics.timeline = to_string(core.identity.timeline);
    statistics.epoch = recovery.epoch;
    statistics.journal = report_on(core, outbox);
    for (const TreeId id : trees_all) {
        const tree::Tree& tree = id == TreeId::relational ? *core.relational : *core.documents;
        statistics.trees[index_of(id)] =
            report_on(id, tree.statistics(), outbox.trees[index_of(id)]);
    }
    statistics.snapshots = engine.snapshots;
    statistics.snapshot_oldest_ms = engine.snapshot_oldest_ms;
    statistics.snapshot_retries = engine.snapshot_retries;
    statistics.reads = engine.reads;
    statistics.commits = engine.commits;
    statistics.rollbacks = engine.rollbacks;
    const Histogram& times = core.engine->commit_times();
    statistics.commit_time = {times.count(), times.percentile(0.5), times.percentile(0.9),
                              times.percentile(0.99), times.max()};
    statistics.recovery.closed_cleanly = recovery.closed_cleanly;
    statistics.recovery.frames_copied = recovery.frames_copied;
    statistics.recovery.bytes_cut = recovery.bytes_cut;
    statistics.recovery.cut_place = recovery.cut_place;
    statistics.recovery.commits_replayed = outbox.commits_replayed;
    if (core.retention) statistics.retention = core.retention->report();
    statistics.archive_directory = core.archive_directory;
    statistics.archive_problem = core.archive_problem;
    if (core.archiver) {
        statistics.archive_problem = core.archiver->problem();
        statistics.archive_from = core.archiver->from();
    }
    statistics.recovery.left_out = core.left_out;
    return statistics;
}

}  // namespace amphora
