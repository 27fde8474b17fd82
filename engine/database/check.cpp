#include "database/check.hpp"

#include "document/check.hpp"
#include "relational/check.hpp"

#include <fmt/format.h>

namespace amphora {

namespace {

/// A tree's findings, under the tree's name.
class TreeFindings final : public tree::Tree::Findings {
  public:
    TreeFindings(std::string_view tree, std::vector<std::string>& findings)
        : tree_{tree}, findings_{findings} {}
    void report(std::string what) override {
        findings_.push_back(fmt::format("{} store: {}", tree_, what));
    }

  private:
    std::string_view tree_;
    std::vector<std::string>& findings_;
};

}  // namespace

CheckReport check(const Core& core) {
    CheckReport report;
    const auto found = [&](const std::string& what) { report.findings.push_back(what); };

    // Both stores as of one commit, so that references across them are judged fairly.
    const std::shared_ptr<const transaction::Reading> reading = core.engine->snapshot();
    const auto rows = relational::check(*reading, core.schema->tables(), found);
    const auto documents = document::check(*reading, core.schema->collections(), found);
    report.rows = rows.rows;
    report.documents = documents.documents;
    report.index_entries = rows.index_entries + documents.index_entries;

    for (const TreeId id : trees_all) {
        TreeFindings findings{to_string(id), report.findings};
        (id == TreeId::relational ? *core.relational : *core.documents).check(findings);
    }
    core.journal->check([&](std::string what) { found("journal: " + what); });
    return report;
}

}  // namespace amphora
