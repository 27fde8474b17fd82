#include "cli/command_line.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "console/text_table.hpp"
#include "console/units.hpp"

#include <fmt/format.h>

#include <cstdio>

// Commands about the whole database: tables, stats, check, compact, expire.
namespace amphora::cli {

namespace {

using console::bytes_text;
using console::TextTable;
using console::with_commas;

std::int64_t plain(std::uint64_t value) {
    return static_cast<std::int64_t>(value);
}

const std::string& only_database(const CommandLine& line) {
    if (line.plain().size() != 1) throw UsageError{"name one database"};
    return line.plain()[0];
}

std::uint64_t count(const Snapshot& now, const SpaceReport& space) {
    std::uint64_t entries = 0;
    if (space.is_collection) {
        for ([[maybe_unused]] const DocumentView document : now.scan(Collection{space.name})) {
            ++entries;
        }
    } else {
        for ([[maybe_unused]] const RowView& row : now.scan(Table{space.name})) ++entries;
    }
    return entries;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

Document to_document(const SpaceReport& space, std::uint64_t entries) {
    Array columns;
    for (const ColumnReport& column : space.columns) {
        columns.append(Document{{"name", column.name},
                                {"type", column.type},
                                {"not_null", column.not_null},
                                {"primary_key", column.primary_key}});
    }
    Array indexes;
    for (const IndexReport& index : space.indexes) {
        Array fields;
        for (const std::string& field : index.columns) fields.append(field);
        indexes.append(
            Document{{"name", index.name}, {"columns", fields}, {"unique", index.unique}});
    }
    return Document{{"name", space.name},
                    {"kind", space.is_collection ? "collection" : "table"},
                    {"entries", plain(entries)},
                    {"columns", columns},
                    {"indexes", indexes}};
}

Document to_document(const Distribution& distribution) {
    return Document{{"count", plain(distribution.count)},
                    {"p50_us", plain(distribution.p50_us)},
                    {"p90_us", plain(distribution.p90_us)},
                    {"p99_us", plain(distribution.p99_us)},
                    {"max_us", plain(distribution.max_us)}};
}

Document to_document(const TreeReport& tree) {
    return Document{{"name", tree.name},
                    {"delivered", plain(number(tree.delivered))},
                    {"held", plain(number(tree.held))},
                    {"bytes_on_disk", plain(tree.bytes_on_disk)},
                    {"bytes_free", plain(tree.bytes_free)},
                    {"bytes_memory", plain(tree.bytes_memory)},
                    {"map_bytes_max", plain(tree.map_bytes_max)},
                    {"entries", plain(tree.entries)},
                    {"readers", plain(tree.readers)},
                    {"oldest_reader_ms", plain(tree.oldest_reader_ms)},
                    {"pending_bytes", plain(tree.pending_bytes)},
                    {"deliveries", plain(tree.deliveries)},
                    {"window", to_document(tree.window)},
                    {"health", tree.health}};
}

Document to_document(const RecoveryReport& recovery) {
    Array left_out;
    for (const std::string& what : recovery.left_out) left_out.append(what);
    return Document{{"closed_cleanly", recovery.closed_cleanly},
                    {"frames_copied", plain(recovery.frames_copied)},
                    {"bytes_cut", plain(recovery.bytes_cut)},
                    {"cut_place", recovery.cut_place},
                    {"left_out", left_out}};
}

std::string last_round_text(const RetentionReport& report) {
    return report.last_round ? to_string(*report.last_round) : "";
}

Array to_array(const std::vector<RetentionReport>& reports) {
    Array array;
    for (const RetentionReport& report : reports) {
        array.append(Document{{"collection", report.collection},
                              {"expired", plain(report.expired)},
                              {"last_round", last_round_text(report)},
                              {"oldest_expired", report.oldest_expired},
                              {"problem", report.problem}});
    }
    return array;
}

Document to_document(const FeedReport& feed) {
    return Document{{"name", feed.name},
                    {"when_full", to_string(feed.when_full)},
                    {"after", plain(number(feed.after))},
                    {"commits", plain(feed.commits)},
                    {"bytes", plain(feed.bytes)}};
}

Document to_document(const Statistics& statistics) {
    const JournalReport& journal = statistics.journal;
    Array trees;
    for (const TreeReport& tree : statistics.trees) trees.append(to_document(tree));
    Array feeds;
    for (const FeedReport& feed : journal.feeds) feeds.append(to_document(feed));
    return Document{{"database", statistics.database},
                    {"timeline", statistics.timeline},
                    {"epoch", plain(number(statistics.epoch))},
                    {"journal", Document{{"recycled", plain(number(journal.recycled))},
                                         {"durable", plain(number(journal.durable))},
                                         {"visible", plain(number(journal.visible))},
                                         {"published", plain(number(journal.published))},
                                         {"bytes_live", plain(journal.bytes_live)},
                                         {"bytes_max", plain(journal.bytes_max)},
                                         {"feed_bytes", plain(journal.feed_bytes)},
                                         {"feed_bytes_max", plain(journal.feed_bytes_max)},
                                         {"feeds", feeds},
                                         {"segments_live", plain(journal.segments_live)},
                                         {"segments_spare", plain(journal.segments_spare)}}},
                    {"trees", trees},
                    {"archive", statistics.archive_directory},
                    {"archive_problem", statistics.archive_problem},
                    {"snapshots", plain(statistics.snapshots)},
                    {"observers", plain(statistics.observers)},
                    {"reads", plain(statistics.reads)},
                    {"commits", plain(statistics.commits)},
                    {"commit_time", to_document(statistics.commit_time)},
                    {"retention", to_array(statistics.retention)},
                    {"recovery", to_document(statistics.recovery)}};
}

void print_table(const Statistics& statistics) {
    const JournalReport& journal = statistics.journal;
    TextTable whole{{{"database"}, {statistics.database}}};
    whole.add({"timeline", statistics.timeline});
    whole.add({"epoch", with_commas(number(statistics.epoch))});
    whole.add({"closed cleanly", statistics.recovery.closed_cleanly ? "yes" : "no"});
    if (statistics.recovery.bytes_cut != 0) {
        whole.add(
            {"cut at opening", fmt::format("{} at {}", bytes_text(statistics.recovery.bytes_cut),
                                           statistics.recovery.cut_place)});
    }
    whole.add({"commits", with_commas(number(journal.published))});
    whole.add({"durable", with_commas(number(journal.durable))});
    whole.add({"recycled", with_commas(number(journal.recycled))});
    whole.add({"journal", fmt::format("{} in {} segments, {} spare", bytes_text(journal.bytes_live),
                                      journal.segments_live, journal.segments_spare)});
    if (!journal.feeds.empty()) {
        const FeedReport& slowest = journal.feeds.front();
        whole.add({"kept for feeds",
                   fmt::format("{} of at most {}; the slowest is {}, {} commits before the end",
                               bytes_text(journal.feed_bytes), bytes_text(journal.feed_bytes_max),
                               slowest.name, with_commas(slowest.commits))});
    }
    if (!statistics.archive_directory.empty()) whole.add({"archive", statistics.archive_directory});
    if (!statistics.archive_problem.empty()) {
        whole.add({"archive takes nothing", statistics.archive_problem});
    }
    std::fputs((whole.text() + "\n").c_str(), stdout);

    constexpr auto right = TextTable::Align::right;
    TextTable trees{{{"store"},
                     {"delivered", right},
                     {"held", right},
                     {"pending", right},
                     {"on disk", right},
                     {"free", right},
                     {"memory", right},
                     {"entries", right},
                     {"readers", right},
                     {"window p50", right},
                     {"p99", right},
                     {"health"}}};
    for (const TreeReport& tree : statistics.trees) {
        trees.add({tree.name, with_commas(number(tree.delivered)), with_commas(number(tree.held)),
                   bytes_text(tree.pending_bytes), bytes_text(tree.bytes_on_disk),
                   bytes_text(tree.bytes_free), bytes_text(tree.bytes_memory),
                   with_commas(tree.entries), with_commas(tree.readers),
                   console::duration_text(tree.window.p50_us),
                   console::duration_text(tree.window.p99_us), tree.health});
    }
    std::fputs(trees.text().c_str(), stdout);

    if (statistics.retention.empty()) return;
    TextTable retention{
        {{"retention of"}, {"expired", right}, {"last round"}, {"oldest expired"}, {"problem"}}};
    for (const RetentionReport& report : statistics.retention) {
        retention.add({report.collection, with_commas(report.expired), last_round_text(report),
                       report.oldest_expired ? to_string(*report.oldest_expired) : "",
                       report.problem});
    }
    std::fputs(("\n" + retention.text()).c_str(), stdout);
}

}  // namespace

int tables(const Words& words) {
    const CommandLine line{words, {{"system", false}, {"rescue", false}, {"json", false}}};
    const Database database = open_to_look(only_database(line), line);
    const Snapshot now = database.snapshot();
    TextTable table{
        {{"name"}, {"kind"}, {"entries", TextTable::Align::right}, {"columns"}, {"indexes"}}};
    const Spaces spaces = line.has("system") ? Spaces::all : Spaces::of_users;
    for (const SpaceReport& space : database.describe(spaces)) {
        const std::uint64_t entries = count(now, space);
        if (line.has("json")) {
            print(to_document(space, entries));
            continue;
        }
        std::vector<std::string> columns;
        columns.reserve(space.columns.size());
        for (const ColumnReport& column : space.columns) columns.push_back(column.name);
        std::vector<std::string> indexes;
        indexes.reserve(space.indexes.size());
        for (const IndexReport& index : space.indexes) indexes.push_back(index.name);
        table.add({space.name, space.is_collection ? "collection" : "table", with_commas(entries),
                   joined(columns), joined(indexes)});
    }
    if (!line.has("json")) std::fputs(table.text().c_str(), stdout);
    return 0;
}

int stats(const Words& words) {
    const CommandLine line{words, {{"rescue", false}, {"json", false}}};
    const Database database = open_to_look(only_database(line), line);
    const Statistics statistics = database.statistics();
    if (line.has("json")) {
        print(to_document(statistics));
    } else {
        print_table(statistics);
    }
    return 0;
}

namespace {

/// Everything that can be checked while another process writes: not the files that nobody uses, and not
/// what recovery would say.
CheckReport check_in_use(const std::string& path) {
    Options options;
    options.mode = OpenMode::live;
    return Database::open(path, options).check();
}

CheckReport check_at(const std::string& path, CheckDepth depth) {
    try {
        return Database::check_directory(path, depth);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::in_use || depth == CheckDepth::deep) throw;
    }
    return check_in_use(path);
}

}  // namespace

int check(const Words& words) {
    const CommandLine line{words, {{"deep", false}, {"json", false}}};
    const CheckReport report =
        check_at(only_database(line), line.has("deep") ? CheckDepth::deep : CheckDepth::ordinary);
    if (line.has("json")) {
        Array findings;
        for (const std::string& finding : report.findings) findings.append(finding);
        print(Document{{"rows", plain(report.rows)},
                       {"documents", plain(report.documents)},
                       {"index_entries", plain(report.index_entries)},
                       {"findings", findings}});
    } else {
        for (const std::string& finding : report.findings) print_line(finding);
        print_line(fmt::format("check: {} rows, {} documents, {} index entries, {} findings",
                               with_commas(report.rows), with_commas(report.documents),
                               with_commas(report.index_entries), report.findings.size()));
    }
    return report.findings.empty() ? 0 : 1;
}

int compact(const Words& words) {
    const CommandLine line{words, {{"json", false}}};
    const std::string& path = only_database(line);
    {
        Database database = open_to_change(path);
        database.compact();
        database.close();
    }
    const std::uint64_t won = Database::compact_directory(path);
    if (line.has("json")) {
        print(Document{{"relational_bytes_won", plain(won)}});
    } else {
        print_line(
            fmt::format("compact: the documents are compacted, the relational store is {} smaller",
                        bytes_text(won)));
    }
    return 0;
}

int expire(const Words& words) {
    const CommandLine line{words, {{"json", false}}};
    Database database = open_to_change(only_database(line));
    const std::uint64_t removed = database.expire_now();
    std::vector<RetentionReport> reports = database.statistics().retention;
    database.close();
    if (line.has("json")) {
        Array collections;
        for (const RetentionReport& report : reports) {
            collections.append(
                Document{{"collection", report.collection}, {"expired", plain(report.expired)}});
        }
        print(Document{{"expired", plain(removed)}, {"collections", collections}});
    } else {
        for (const RetentionReport& report : reports) {
            print_line(fmt::format("{}: {} documents had expired", report.collection,
                                   with_commas(report.expired)));
        }
        if (reports.empty()) print_line("no collection says when its documents expire");
    }
    return 0;
}

}  // namespace amphora::cli
