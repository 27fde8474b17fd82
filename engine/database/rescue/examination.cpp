#include "database/rescue/examination.hpp"

#include "base/checksum.hpp"
#include "base/file.hpp"
#include "codec/key/ordered_key.hpp"
#include "database/directory/archive_file.hpp"
#include "database/opening.hpp"
#include "document/check.hpp"
#include "outbox/record.hpp"
#include "relational/check.hpp"
#include "tree/rocks/environment/living_threads.hpp"

#include <amphora/database.hpp>
#include <amphora/error.hpp>

#include <fmt/format.h>

#include <array>
#include <unordered_map>
#include <utility>

namespace amphora {

namespace {

/// The findings of a tree, with the tree's name.
class TreeFindings final : public tree::Tree::Findings {
  public:
    TreeFindings(TreeId tree, std::vector<std::string>& findings)
        : tree_{tree}, findings_{findings} {}
    void report(std::string what) override {
        findings_.push_back(fmt::format("{} store: {}", to_string(tree_), what));
    }

  private:
    TreeId tree_;
    std::vector<std::string>& findings_;
};

/// A later format is no damage, and a piece that is in use is none either.
template <class Look>
void tell(CheckReport& report, std::string_view piece, Look look) {
    try {
        look();
    } catch (const Error& error) {
        if (error.code() == ErrorCode::newer_format || error.code() == ErrorCode::in_use) throw;
        report.findings.push_back(fmt::format("{}: {}", piece, error.what()));
    }
}

/// The result of the journal's commits for one key: the commit that wrote it last, and the value.
struct Outcome {
    Sequence sequence{};
    std::optional<std::uint64_t> value;  ///< the checksum of the value; none: removed
};
using Outcomes = std::unordered_map<Buffer, Outcome>;

std::array<Outcomes, trees_count> fold_journal(Core& core) {
    std::array<Outcomes, trees_count> folded;
    const Sequence oldest = core.journal->recovery().oldest;
    if (oldest == Sequence{}) return folded;
    core.journal->replay(Sequence{number(oldest) - 1}, [&](const journal::Entry& entry) {
        const outbox::Record record{entry.record, entry.sequence};
        for (const TreeId tree : trees_all) {
            record.each_change(tree, [&](const outbox::Record::Change& change) {
                Outcome& outcome = folded[index_of(tree)][Buffer{change.key}];
                outcome.sequence = entry.sequence;
                outcome.value.reset();
                if (change.value) outcome.value = checksum64(*change.value);
            });
        }
    });
    return folded;
}

}  // namespace

std::optional<Identity> examine_identity(const std::string& directory,
                                         const ResolvedOptions& options, CheckReport& report) {
    try {
        return open_directory(directory, options).identity;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::corrupt && error.code() != ErrorCode::foreign_piece) throw;
        report.findings.push_back(fmt::format("identity: {}", error.what()));
        return std::nullopt;
    }
}

void examine_pieces(const DatabasePaths& paths, const std::optional<Identity>& identity,
                    const ResolvedOptions& options, CheckReport& report) {
    tell(report, "relational store", [&] {
        TreeFindings findings{TreeId::relational, report.findings};
        lmdb::check_file(paths.relational, findings);
    });
    if (!identity) return;  // without it the other pieces cannot be compared
    tell(report, "documents store", [&] {
        TreeFindings findings{TreeId::documents, report.findings};
        rocks::open_rocks(paths.documents, *identity, tree::OpenMode::read_only, options.rocks)
            ->check(findings);
    });
    tell(report, "journal", [&] {
        const auto journal =
            journal::Journal::open(operating_system_files(), paths.journal, *identity, {},
                                   journal::Journal::Mode::read_only, options.journal);
        journal->check(
            [&](const std::string& what) { report.findings.push_back("journal: " + what); });
    });
}

void examine_pieces(const Core& core, CheckReport& report) {
    for (const TreeId id : trees_all) {
        TreeFindings findings{id, report.findings};
        (id == TreeId::relational ? *core.relational : *core.documents).check(findings);
    }
    core.journal->check(
        [&](const std::string& what) { report.findings.push_back("journal: " + what); });
}

void examine_contents(const Core& core, CheckReport& report) {
    const auto found = [&](const std::string& what) { report.findings.push_back(what); };
    // Both stores as of one commit, so that references between them can be checked.
    const std::shared_ptr<const transaction::Reading> reading = core.engine->snapshot();
    const auto rows = relational::check(*reading, core.schema->tables(), found);
    const auto documents = document::check(*reading, core.schema->collections(), found);
    report.rows = rows.rows;
    report.documents = documents.documents;
    report.index_entries = rows.index_entries + documents.index_entries;
}

void examine_outcome(Core& core, CheckReport& report) {
    const std::array<Outcomes, trees_count> folded = fold_journal(core);
    const std::shared_ptr<const transaction::Reading> reading = core.engine->snapshot();
    Buffer scratch;
    for (const TreeId tree : trees_all) {
        for (const auto& [key, outcome] : folded[index_of(tree)]) {
            const auto there = reading->find(tree, key, scratch);
            const auto value = there ? std::optional{checksum64(*there)} : std::nullopt;
            if (value == outcome.value) continue;
            report.findings.push_back(
                fmt::format("{} store: {} is not as commit {} left it, which the journal still has",
                            to_string(tree), codec::describe_key(key), number(outcome.sequence)));
        }
    }
}

CheckReport check(const Core& core) {
    CheckReport report;
    examine_pieces(core, report);
    if (report.findings.empty()) examine_contents(core, report);
    return report;
}

CheckReport examine_directory(const std::string& path, std::optional<DirectoryLock>& lock,
                              CheckDepth depth, const Options& options) {
    CheckReport report;
    Options looking = options;
    looking.mode = OpenMode::read_only;
    looking.archive_directory.clear();
    ResolvedOptions resolved = resolve(looking);
    resolved.journal.files = segment_files_in(path);
    const auto identity = examine_identity(path, resolved, report);
    examine_pieces(DatabasePaths{path}, identity, resolved, report);
    tell(report, "archive",
         [&] { static_cast<void>(read_archive_file(operating_system_files(), path)); });
    if (!report.findings.empty()) return report;
    tell(report, path, [&] {
        const auto core = open_core(path, std::nullopt, looking, std::exchange(lock, std::nullopt));
        examine_contents(*core, report);
        if (depth == CheckDepth::deep) examine_outcome(*core, report);
        lock = std::move(core->lock);
    });
    if (!lock) lock = DirectoryLock::acquire(path, on_network(options), Sharing::shared);
    return report;
}

CheckReport Database::check_directory(const std::string& path, CheckDepth depth,
                                      const Options& options) {
    rocks::require_living_threads(path);
    require_directory(path, OpenMode::read_only);
    std::optional<DirectoryLock> lock =
        DirectoryLock::acquire(path, on_network(options), Sharing::shared);
    return examine_directory(path, lock, depth, options);
}

}  // namespace amphora
